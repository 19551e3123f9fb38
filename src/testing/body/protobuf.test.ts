/** Protobuf, from bytes that a Go client would send to the JSON that it would have sent instead. */

import { expect, test } from "vitest";
import { encode, envelope, type Message } from "../../../test/contract/protobuf.js";
import { parseProtobuf } from "./protobuf.js";

const object = (apiVersion: string, kind: string, message: Message) =>
  parseProtobuf(envelope(apiVersion, kind, encode(message)));

const meta = (name: string): readonly [number, Message] => [1, [[1, name]]];

test("texts, bytes and maps of them", () => {
  const secret = object("v1", "Secret", [
    meta("s"),
    [
      2,
      [
        [1, "a"],
        [2, "\u0000x"],
      ],
    ],
    [
      2,
      [
        [1, "b"],
        [2, ""],
      ],
    ],
    [3, "Opaque"],
  ]);
  expect(secret).toEqual({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s" },
    data: { a: "AHg=", b: "" },
    type: "Opaque",
  });
});

test("zero is something where Go has a pointer, and nothing where it has none", () => {
  const deployment = object("apps/v1", "Deployment", [
    meta("d"),
    [
      2,
      [
        [1, 0],
        [5, 0],
        [7, 0],
      ],
    ],
  ]);
  expect(deployment).toMatchObject({ spec: { replicas: 0, template: {} } });
  expect(deployment["spec"]).not.toHaveProperty("minReadySeconds");
  expect(deployment["spec"]).not.toHaveProperty("paused");
});

test("a message that Go embeds is part of the one around it", () => {
  const volume: Message = [
    [1, "v"],
    [2, [[19, [[1, [[1, "c"]]]]]]],
  ];
  const pod = object("v1", "Pod", [meta("p"), [2, [[1, volume]]]]);
  expect(pod).toMatchObject({ spec: { volumes: [{ name: "v", configMap: { name: "c" } }] } });
});

test("quantities, times, and numbers or texts have their own forms", () => {
  const container: Message = [
    [1, "c"],
    [
      8,
      [
        [
          2,
          [
            [1, "cpu"],
            [2, [[1, "500m"]]],
          ],
        ],
      ],
    ],
    [
      11,
      [
        [
          1,
          [
            [
              2,
              [
                [
                  2,
                  [
                    [1, 1],
                    [3, "http"],
                  ],
                ],
              ],
            ],
          ],
        ],
      ],
    ],
    [
      10,
      [
        [
          1,
          [
            [
              2,
              [
                [
                  2,
                  [
                    [1, 0],
                    [2, 80],
                  ],
                ],
              ],
            ],
          ],
        ],
      ],
    ],
  ];
  const pod = object("v1", "Pod", [
    [
      1,
      [
        [1, "p"],
        [8, [[1, 1_700_000_000]]],
      ],
    ],
    [2, [[2, container]]],
  ]);
  expect(pod).toMatchObject({
    metadata: { creationTimestamp: "2023-11-14T22:13:20Z" },
    spec: {
      containers: [
        {
          resources: { requests: { cpu: "500m" } },
          readinessProbe: { httpGet: { port: "http" } },
          livenessProbe: { httpGet: { port: 80 } },
        },
      ],
    },
  });
  const lease = object("coordination.k8s.io/v1", "Lease", [
    meta("l"),
    [
      2,
      [
        [
          4,
          [
            [1, 1_700_000_000],
            [2, 1_234_000],
          ],
        ],
      ],
    ],
  ]);
  expect(lease).toMatchObject({ spec: { renewTime: "2023-11-14T22:13:20.001234Z" } });
});

test("DeleteOptions are the same in every group", () => {
  for (const apiVersion of ["v1", "apps/v1", "example.dev/v1"]) {
    expect(
      object(apiVersion, "DeleteOptions", [
        [4, "Foreground"],
        [1, 0],
      ]),
    ).toEqual({
      apiVersion,
      kind: "DeleteOptions",
      propagationPolicy: "Foreground",
      gracePeriodSeconds: 0,
    });
  }
});

const lateMeta: Message = [[8, [[1, 2 ** 50]]]];

/** `not: { not: { not: …` */
function bottomless(): Uint8Array {
  let schema: Message = [];
  for (let i = 0; i < 2000; i++) schema = [[28, schema]];
  const version: Message = [[4, [[1, schema]]]];
  const spec: Message = [[7, version]];
  return encode([[2, spec]]);
}

test.each([
  ["no envelope", new TextEncoder().encode("{}"), "expected prefix"],
  ["a kind that is not built in", envelope("example.dev/v1", "Widget", encode([])), 'no kind "Widget" is registered'],
  ["a text that ends too early", envelope("v1", "ConfigMap", Uint8Array.of(0x0a, 9)), "unexpected EOF"],
  ["a number without an end", envelope("v1", "ConfigMap", new Uint8Array(20).fill(0xff)), "integer overflow"],
  ["an unknown type of value", envelope("v1", "ConfigMap", Uint8Array.of(0x0f)), "illegal wireType 7"],
  ["a time that no calendar has", envelope("v1", "ConfigMap", encode([[1, lateMeta]])), "out of range"],
  [
    "a schema without a bottom",
    envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition", bottomless()),
    "max depth",
  ],
])("%s is a SyntaxError", (_what, bytes, message) => {
  expect(() => parseProtobuf(bytes)).toThrow(SyntaxError);
  expect(() => parseProtobuf(bytes)).toThrow(message);
});

test("bytes by chance are an object or a SyntaxError, and nothing else", () => {
  let state = 1;
  const random = () => (state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
  for (let i = 0; i < 2000; i++) {
    const bytes = Uint8Array.from({ length: random() % 60 }, () => random() % (i % 2 === 0 ? 256 : 32));
    try {
      parseProtobuf(envelope("v1", "Pod", bytes));
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
    }
  }
});
