/** OpenAPI v3: as much of it as kubectl needs to apply, explain and validate; without a word of description. */

import { shapeOfType, typeNameOfKind, typeFields } from "./builtin/parse-types.js";
import { type JsonObject, objectOf } from "./json.js";
import type { Registry } from "./registry.js";
import type { Resource } from "./resource.js";
import type { ListShape, Scalar, Shape, StructShape } from "./shape.js";

/** `GET /openapi/v3`: where the documents are. */
export function openApiIndex(registry: Registry, hashOf: (path: string) => string): JsonObject {
  const paths = registry.groups().flatMap(({ group, versions }) => versions.map((version) => pathOf(group, version)));
  return {
    paths: Object.fromEntries(
      paths.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(path)}` }]),
    ),
  };
}

function pathOf(group: string, version: string): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** The document of a group and version; undefined if nothing of it is served. */
export function openApiDocument(registry: Registry, path: string): JsonObject | undefined {
  const [root, first = "", second = ""] = path.split("/");
  const [group, version] = root === "api" ? ["", first] : [first, second];
  const resources = registry.inVersion(group, version);
  if (resources.length === 0) return undefined;
  const schemas = new Map<string, JsonObject>();
  const paths = resources.flatMap((resource) => {
    const name = addSchema(resource, schemas);
    return pathsOf(resource, name);
  });
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.37.2" },
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(schemas) },
  };
}

function addSchema(resource: Resource, schemas: Map<string, JsonObject>): string {
  const builtin = typeNameOfKind(resource.group, resource.version, resource.kind);
  const kind = { group: resource.group, version: resource.version, kind: resource.kind };
  const gvk = { "x-kubernetes-group-version-kind": [kind] };
  if (!resource.custom && builtin !== undefined) {
    addType(builtin, schemas);
    schemas.set(builtin, { ...objectOf(schemas.get(builtin)), ...gvk });
    return builtin;
  }
  const name = `${resource.group.split(".").toReversed().join(".")}.${resource.version}.${resource.kind}`;
  const { schema = { type: "object" } } = resource;
  const metadata = refTo("meta.v1.ObjectMeta", schemas);
  const common = { apiVersion: { type: "string" }, kind: { type: "string" }, metadata };
  schemas.set(name, { ...schema, properties: { ...common, ...objectOf(schema["properties"]), metadata }, ...gvk });
  return name;
}

function addType(name: string, schemas: Map<string, JsonObject>): void {
  if (schemas.has(name)) return;
  schemas.set(name, {});
  const shape = shapeOfType(name);
  const refs = new Map(typeFields(name).map((field) => [field.split(/[!:]/)[0] ?? "", refIn(field)] as const));
  schemas.set(name, structSchema(shape, schemas, refs));
}

/** The name of the type that a field of the table refers to. */
function refIn(field: string): string | undefined {
  return /[&*]!?([\w.-]+)/.exec(field.slice(field.indexOf(":")))?.[1];
}

function structSchema(
  shape: StructShape,
  schemas: Map<string, JsonObject>,
  refs?: ReadonlyMap<string, string | undefined>,
): JsonObject {
  const required = [...shape.fields].filter(([, field]) => field.required).map(([name]) => name);
  const properties = [...shape.fields].map(([name, field]) => {
    const { merge, retainKeys, key } = field.patch;
    const strategy = [...(merge ? ["merge"] : []), ...(retainKeys ? ["retainKeys"] : [])].join(",");
    return [
      name,
      {
        ...schemaOf(field.shape(), schemas, refs?.get(name)),
        ...(field.fallback === undefined ? {} : { default: field.fallback }),
        ...(strategy === "" ? {} : { "x-kubernetes-patch-strategy": strategy }),
        ...(key === undefined ? {} : { "x-kubernetes-patch-merge-key": key }),
      },
    ] as const;
  });
  return {
    type: "object",
    ...(required.length === 0 ? {} : { required }),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(shape.atomic ? { "x-kubernetes-map-type": "atomic" } : {}),
    ...(shape.rest === undefined ? {} : { "x-kubernetes-preserve-unknown-fields": true }),
  };
}

const scalarSchemas: Readonly<Record<Scalar, JsonObject>> = {
  string: { type: "string" },
  bytes: { type: "string", format: "byte" },
  time: { type: "string", format: "date-time" },
  microTime: { type: "string", format: "date-time" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  number: { type: "number", format: "double" },
  boolean: { type: "boolean" },
  quantity: { oneOf: [{ type: "string" }, { type: "number" }] },
  intOrString: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
};

/** What has a name of its own, by which kubectl shows it. */
const scalarNames: Partial<Readonly<Record<Scalar, string>>> = {
  time: "meta.v1.Time",
  microTime: "meta.v1.MicroTime",
  quantity: "api.resource.Quantity",
  intOrString: "util.intstr.IntOrString",
};

function refTo(name: string, schemas: Map<string, JsonObject>): JsonObject {
  addType(name, schemas);
  return { allOf: [{ $ref: `#/components/schemas/${name}` }] };
}

function schemaOf(shape: Shape, schemas: Map<string, JsonObject>, ref?: string): JsonObject {
  switch (shape.type) {
    case "scalar": {
      const name = scalarNames[shape.scalar];
      if (name === undefined) return scalarSchemas[shape.scalar];
      schemas.set(name, scalarSchemas[shape.scalar]);
      return { allOf: [{ $ref: `#/components/schemas/${name}` }] };
    }
    case "any":
      return { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    case "map":
      return { type: "object", additionalProperties: schemaOf(shape.values(), schemas, ref) };
    case "list":
      return listSchema(shape, schemas, ref);
    case "struct": {
      const name = ref ?? (shape.name === "ObjectMeta" ? "meta.v1.ObjectMeta" : undefined);
      return name === undefined ? structSchema(shape, schemas) : refTo(name, schemas);
    }
    default:
      return shape satisfies never;
  }
}

function listSchema(shape: ListShape, schemas: Map<string, JsonObject>, ref: string | undefined): JsonObject {
  return {
    type: "array",
    items: schemaOf(shape.items(), schemas, ref),
    "x-kubernetes-list-type": shape.kind,
    ...(shape.kind === "map" ? { "x-kubernetes-list-map-keys": shape.keys } : {}),
  };
}

function pathsOf(resource: Resource, schema: string): readonly (readonly [string, JsonObject])[] {
  const base = `/${pathOf(resource.group, resource.version)}${resource.scope === "Namespaced" ? "/namespaces/{namespace}" : ""}/${resource.plural}`;
  const kind = { group: resource.group, version: resource.version, kind: resource.kind };
  const queries = (...names: readonly string[]) =>
    names.map((name) => ({ name, in: "query", schema: { type: "string", uniqueItems: true } }));
  const write = queries("dryRun", "fieldManager", "fieldValidation", "pretty");
  const ok = {
    responses: {
      "200": {
        description: "OK",
        content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } },
      },
    },
  };
  const operation = (action: string, parameters: readonly unknown[]) => ({
    parameters,
    ...ok,
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kind,
  });
  return [
    [
      base,
      { get: operation("list", queries("labelSelector", "fieldSelector", "limit")), post: operation("post", write) },
    ],
    [
      `${base}/{name}`,
      {
        get: operation("get", []),
        put: operation("put", write),
        patch: operation("patch", [...write, ...queries("force")]),
        delete: operation("delete", queries("dryRun", "propagationPolicy")),
      },
    ],
  ];
}
