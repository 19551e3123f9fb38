/** A second custom resource: its schema has one property for each thing that a schema can say. Cluster-scoped, and without status. */

import type { Server } from "./server.js";
import { definitions, group, untilEstablished, untilServed } from "./widgets.js";

/** The collection of Gizmos. */
export const gizmos = `/apis/${group}/v1/gizmos`;
const name = `gizmos.${group}`;

const text = { type: "string" };

/** Rules that hold for the values that the cases give a field, one for each thing that the language can do. */
const holds = (field: string, ...rules: readonly string[]) =>
  rules.map((rule) => ({ rule: `!has(self.${field}) || (${rule})` }));

const expressions = {
  type: "object",
  properties: {
    text: { ...text, maxLength: 50 },
    numbers: { type: "array", maxItems: 10, items: { type: "integer" } },
    words: { type: "array", maxItems: 10, items: { ...text, maxLength: 20 } },
    map: { type: "object", maxProperties: 5, additionalProperties: { type: "integer" } },
    moment: { ...text, format: "date-time" },
    span: { ...text, format: "duration" },
    bytes: { ...text, format: "byte", maxLength: 50 },
    fraction: { type: "number" },
    amount: { ...text, maxLength: 20 },
    address: { ...text, maxLength: 100 },
    "odd-name": { ...text, maxLength: 20 },
  },
  "x-kubernetes-validations": [
    ...holds(
      "text",
      "self.text.upperAscii() == 'ABCB' && self.text.lowerAscii() == 'abcb' && self.text.size() == 4",
      "self.text.charAt(0) == 'a' && self.text.substring(1) == 'bcb' && self.text.substring(1, 3) == 'bc'",
      "self.text.replace('b', 'x') == 'axcx' && self.text.replace('b', 'x', 1) == 'axcb'",
      "self.text.split('b') == ['a', 'c', ''] && self.text.split('b', 2) == ['a', 'cb']",
      "self.text.indexOf('b') == 1 && self.text.lastIndexOf('b') == 3 && self.text.indexOf('none') == -1",
      "self.text.startsWith('a') && !self.text.endsWith('z') && self.text.contains('bc') && self.text.matches('^a.*$')",
      "self.text.find('b+') == 'b' && self.text.findAll('[ab]') == ['a', 'b', 'b'] && ' x '.trim() == 'x'",
      "self.?text.orValue('') == 'abcb' && !self.?amount.hasValue() && !has(self.amount)",
      "self.text in ['abcb'] && (self.text == 'x' ? false : true) && \"it's\" == 'it\\'s'",
      "[1, 2].size() == 2 && {'a': 1}.a == 1 && type(1) == int && type('') == string && 1 < 2.5 && 7 / 2 == 3 && 7 % 4 == 3",
      "int('12') + int(2.9) == 14 && double(1) == 1.0 && string(5) == '5' && uint(3) == 3u && bool('true')",
      "self.text < 'abd'",
      "'%s %d %.1f'.format(['a', 5, 1.5]) == 'a 5 1.5'",
    ),
    ...holds(
      "numbers",
      "self.numbers.all(n, n > 0) && self.numbers.exists(n, n == 2) && self.numbers.exists_one(n, n == 2)",
      "self.numbers.filter(n, n > 1) == [2, 3] && self.numbers.map(n, n * 2) == [2, 4, 6] && self.numbers.map(n, n > 1, n) == [2, 3]",
      "self.numbers[0] == 1 && 2 in self.numbers && self.numbers.sum() == 6 && self.numbers.min() == 1",
    ),
    ...holds("words", "self.words.join('+') == 'b+a' && !self.words.isSorted() && self.words == ['b', 'a']"),
    ...holds(
      "map",
      "'a' in self.map && self.map['a'] == 1 && self.map.all(k, self.map[k] > 0) && size(self.map) == 2 && has(self.map.b)",
    ),
    ...holds(
      "moment",
      "self.moment.getFullYear() == 2026 && self.moment.getMonth() == 2 && self.moment.getDayOfMonth() == 3 && self.moment.getDayOfWeek() == 3",
      "self.moment > timestamp('2020-01-01T00:00:00Z') && self.moment + duration('1h') > self.moment && self.moment.getHours() == 5",
    ),
    ...holds("span", "self.span == duration('90m') && self.span.getHours() == 1 && self.span.getMinutes() == 90"),
    ...holds("bytes", "self.bytes == b'x' && size(self.bytes) == 1 && string(self.bytes) == 'x'"),
    ...holds("fraction", "self.fraction * 2.0 == 2.5 && self.fraction > 1 && type(self.fraction) == double"),
    ...holds(
      "amount",
      "isQuantity(self.amount) && quantity(self.amount).isGreaterThan(quantity('1Gi')) && !isQuantity('lots')",
      "quantity(self.amount).asInteger() == 2147483648 && quantity(self.amount).compareTo(quantity('2Gi')) == 0 && quantity('1').add(2) == quantity('3')",
    ),
    ...holds(
      "address",
      "isURL(self.address) && url(self.address).getScheme() == 'https' && url(self.address).getHost() == 'example.com:8443'",
      "url(self.address).getHostname() == 'example.com' && url(self.address).getPort() == '8443' && url(self.address).getEscapedPath() == '/a/b'",
    ),
    { rule: "!has(self.odd__dash__name) || self.odd__dash__name == 'right'", message: "it is wrong" },
  ],
};

const spec = {
  type: "object",
  properties: {
    pattern: { ...text, pattern: "^a+$" },
    short: { ...text, maxLength: 3 },
    long: { ...text, minLength: 2 },
    moment: { ...text, format: "date-time" },
    bytes: { ...text, format: "byte" },
    int32: { type: "integer", format: "int32" },
    number: { type: "number", minimum: 0.5, exclusiveMaximum: true, maximum: 2 },
    multiple: { type: "integer", multipleOf: 5 },
    flag: { type: "boolean" },
    list: { type: "array", minItems: 1, maxItems: 2, items: { type: "integer" } },
    map: { type: "object", additionalProperties: { type: "integer" }, maxProperties: 2 },
    atomicMap: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: text },
    either: { "x-kubernetes-int-or-string": true },
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: text } },
    embedded: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
    nested: {
      type: "object",
      default: {},
      properties: { a: { ...text, default: "x" }, b: { type: "integer" } },
    },
    items: {
      type: "array",
      items: { type: "object", properties: { on: { type: "boolean", default: true }, name: text }, required: ["name"] },
    },
    one: {
      type: "object",
      properties: { x: { type: "integer" }, y: { type: "integer" } },
      oneOf: [{ required: ["x"] }, { required: ["y"] }],
    },
    expressions,
    rule: {
      type: "object",
      properties: { min: { type: "integer" }, max: { type: "integer" } },
      "x-kubernetes-validations": [
        {
          rule: "self.min <= self.max",
          messageExpression: "'min is above max'",
          fieldPath: ".min",
        },
        { rule: "self.max < 100", message: "max is too large", reason: "FieldValueForbidden", fieldPath: ".max" },
      ],
    },
  },
};

/** The definition of Gizmos. */
export const gizmoDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name },
  spec: {
    group,
    scope: "Cluster",
    names: { plural: "gizmos", kind: "Gizmo", shortNames: ["gz"], categories: ["all"] },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
      },
      {
        name: "v1beta1",
        served: true,
        storage: false,
        deprecated: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
      },
      {
        name: "v1alpha1",
        served: false,
        storage: false,
        schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
      },
    ],
  },
};

/** Creates the fixture and waits until it is served. */
export async function createGizmoDefinition(server: Server): Promise<void> {
  await server.create(definitions, gizmoDefinition);
  await untilEstablished(server, name);
  await untilServed(server, gizmos);
}

/** Deletes the fixture. */
export async function deleteGizmoDefinition(server: Server): Promise<void> {
  await server.delete(`${definitions}/${name}`);
}
