/** From what a verb answers to the form that the client accepts: the object, its metadata, or a table. */

import { formatJson, formatList, formatUntypedList } from "./core-json.js";
import { type JsonObject, compact } from "./json.js";
import { badRequest, notAcceptableAs } from "./messages.js";
import type { Form } from "./negotiate.js";
import { groupVersionOf, type Resource } from "./resource.js";
import type { Answer } from "./verbs/call.js";

/** How rows of a table carry their objects. */
export type IncludeObject = "None" | "Metadata" | "Object";

/** Reads `includeObject`. */
export function includeOf(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject") ?? "";
  if (value === "None" || value === "Object") return value;
  if (value === "" || value === "Metadata") return "Metadata";
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

/** What a transformation needs besides the answer. */
export interface TransformContext {
  readonly form: Form;
  readonly include: IncludeObject;
  readonly now: number;
}

/** The JSON text of an answer in the wanted form. */
export function transform(answer: Exclude<Answer, { readonly type: "text" }>, context: TransformContext): string {
  const { form } = context;
  if (answer.type === "plain") {
    if (form.as !== "object") {
      throw notAcceptableAs(`you requested ${form.as}, but the requested object is not a resource with metadata`);
    }
    return formatJson(answer.object);
  }
  const { resource } = answer;
  if (answer.type === "list") {
    const head = { kind: resource.listKind, apiVersion: groupVersionOf(resource), metadata: answer.metadata };
    switch (form.as) {
      case "Table":
        return formatJson(tableOf(resource, answer.items, { ...context, metadata: answer.metadata, columns: true }));
      case "PartialObjectMetadataList":
        return formatList(
          { ...head, kind: form.as, apiVersion: metaVersion(form) },
          answer.items.map((item) => partial(item, form)),
        );
      case "PartialObjectMetadata":
        throw notAcceptableAs(
          `you requested PartialObjectMetadata, but the requested object is a list (*${resource.group === "" ? "core" : resource.group.split(".")[0]}.${resource.listKind})`,
        );
      case "object":
        return resource.custom
          ? formatList(head, answer.items)
          : formatUntypedList(head, answer.items, { kind: resource.kind, apiVersion: head.apiVersion });
      default:
        return form.as satisfies never;
    }
  }
  switch (form.as) {
    case "Table":
      return formatJson(
        tableOf(resource, [answer.object], { ...context, metadata: versionOnly(answer.object), columns: true }),
      );
    case "PartialObjectMetadata":
      return formatJson(partial(answer.object, form));
    case "PartialObjectMetadataList":
      throw notAcceptableAs("you requested PartialObjectMetadataList, but the requested object is not a list");
    case "object":
      return formatJson(answer.object);
    default:
      return form.as satisfies never;
  }
}

/** How a watch shows objects: a table says its columns only once. */
export function showInWatch(resource: Resource, context: TransformContext): (object: JsonObject) => JsonObject {
  const { form } = context;
  if (form.as === "object") return (object) => object;
  if (form.as !== "Table") return (object) => partial(object, form);
  let isFirst = true;
  return (object) => {
    const table = tableOf(resource, [object], { ...context, metadata: versionOnly(object), columns: isFirst });
    isFirst = false;
    return table;
  };
}

function metaVersion({ version }: Form): string {
  return `meta.k8s.io/${version}`;
}

function partial(object: JsonObject, form: Form): JsonObject {
  return { kind: "PartialObjectMetadata", apiVersion: metaVersion(form), metadata: object["metadata"] };
}

function versionOnly(object: JsonObject): JsonObject {
  const { metadata } = object;
  const version =
    typeof metadata === "object" && metadata !== null && "resourceVersion" in metadata ? metadata.resourceVersion : "";
  return { resourceVersion: version };
}

interface TableContext extends TransformContext {
  readonly metadata: JsonObject;
  readonly columns: boolean;
}

function tableOf(resource: Resource, objects: readonly JsonObject[], context: TableContext): JsonObject {
  const columns = resource.columns ?? [];
  const { include, now, form } = context;
  return {
    kind: "Table",
    apiVersion: metaVersion(form),
    metadata: context.metadata,
    columnDefinitions: context.columns
      ? columns.map(({ name, type, format = "", description = "", priority = 0 }) => ({
          name,
          type,
          format,
          description,
          priority,
        }))
      : null,
    rows: objects.map((object) =>
      compact({
        cells: columns.map((column) => column.value(object, now)),
        object: include === "None" ? null : include === "Object" ? object : partial(object, form),
      }),
    ),
  };
}
