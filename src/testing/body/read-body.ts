/** From the bytes of a request to an object of the kind that its URL names. */

import { at, isObject, type JsonObject, textOf } from "../json.js";
import { badRequest, invalid, tooLarge, unsupportedMediaType } from "../messages.js";
import type { WriteOptions } from "../options.js";
import { type ApiRequest, bodyBytes, bodyLength, bodyText, headerOf, nameOf } from "../request.js";
import { groupVersionOf, type Resource } from "../resource.js";
import { DecodeError } from "./decode.js";
import { parseJsonStrictly } from "./parse-json.js";

/** The most bytes that a body may have. */
export const maxBody = 3 * 1024 * 1024;

/** Readers of other formats, which this room does not contain. */
export interface Formats {
  /** YAML to a JSON value; throws with the reason. `duplicates` are reported as `line 3: key "a" already set in map`. */
  readonly parseYaml?:
    | ((text: string) => { readonly value: unknown; readonly duplicates: readonly string[] })
    | undefined;
  /** Throws SyntaxError with the reason. */
  readonly parseProtobuf?: ((body: Uint8Array) => JsonObject) | undefined;
  readonly formatYaml?: ((value: unknown) => string) | undefined;
}

/** A body as read, before anything is known of its kind. */
export interface RawBody {
  readonly value: unknown;
  /** The text, for messages. */
  readonly text: string;
  readonly duplicates: readonly string[];
}

/** The media type of a Content-Type header, without parameters. */
export function mediaType(request: ApiRequest): string {
  const [type = ""] = headerOf(request, "content-type").split(";");
  return type.trim().toLowerCase();
}

/** What typed clients of Go's send. */
export const protobufType = "application/vnd.kubernetes.protobuf";
const accepted = ["application/json", "application/yaml", protobufType];

/** Reads a body as JSON or YAML. @throws Failure 413 and 415. Syntax errors are left to `onSyntax`. */
export function readRaw(
  request: ApiRequest,
  formats: Formats,
  onSyntax: (why: string, text: string) => Error,
): RawBody {
  const type = mediaType(request);
  if (bodyLength(request) > maxBody) throw tooLarge(maxBody);
  if (type !== "" && !accepted.includes(type)) throw unsupportedMediaType(accepted);
  const isProtobuf = type === protobufType;
  const text = isProtobuf ? "" : bodyText(request);
  try {
    if (isProtobuf) {
      if (formats.parseProtobuf === undefined) throw unsupportedMediaType(accepted.slice(0, 2));
      return { value: formats.parseProtobuf(bodyBytes(request)), text, duplicates: [] };
    }
    const parse = type === "application/yaml" ? formats.parseYaml : parseJsonStrictly;
    if (parse === undefined) throw unsupportedMediaType(["application/json"]);
    return { ...parse(text), text };
  } catch (error) {
    if (error instanceof SyntaxError) throw onSyntax(error.message, text);
    // A reader of another format ran out of stack.
    if (error instanceof RangeError) throw onSyntax("exceeded max depth", text);
    throw error;
  }
}

/** Reads the body of create or replace as an object of the kind. */
export function readObject(
  request: ApiRequest,
  resource: Resource,
  context: {
    readonly formats: Formats;
    readonly validation: WriteOptions["validation"];
    readonly warn: (text: string) => void;
  },
): JsonObject {
  const unrecognized = (why: string, text: string) =>
    badRequest(`the object provided is unrecognized (must be of type ${resource.kind}): ${why} (${glimpse(text)})`);
  const formats = resource.custom ? { ...context.formats, parseProtobuf: undefined } : context.formats;
  const raw = readRaw(request, formats, (why, text) =>
    unrecognized(`couldn't get version/kind; json parse error: ${why}`, text),
  );
  // Go reads null into anything, and changes nothing by it.
  const value = raw.value ?? {};
  if (!isObject(value)) {
    const word = Array.isArray(value) ? "array" : typeof value;
    throw unrecognized(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${word} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
      raw.text,
    );
  }
  checkKind(value, resource, raw.text, unrecognized);
  return decodeObject(value, resource, { ...context, duplicates: raw.duplicates });
}

/** Checks an object against its kind, drops what it does not know, and tells of it as the request wants. */
export function decodeObject(
  value: JsonObject,
  resource: Resource,
  context: {
    readonly validation: WriteOptions["validation"];
    readonly warn: (text: string) => void;
    readonly duplicates?: readonly string[];
    /** How a refusal is worded. Default: as for create and replace. */
    readonly refuse?: (why: string) => Error;
  },
): JsonObject {
  const refuse =
    context.refuse ??
    ((why: string) =>
      badRequest(
        `${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: ${why}`,
      ));
  try {
    const { object, unknown } = resource.decode(value);
    const problems = [
      ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
      ...(context.duplicates ?? []).map((path) =>
        path.startsWith("line ") ? path : `duplicate field ${JSON.stringify(path)}`,
      ),
    ];
    if (problems.length > 0 && context.validation === "Strict") {
      throw refuse(`strict decoding error: ${problems.join(", ")}`);
    }
    if (context.validation === "Warn") for (const problem of problems) context.warn(problem);
    const { kind: _kind, apiVersion: _version, ...content } = object;
    const apiVersion = groupVersionOf(resource);
    const { kind } = resource;
    return resource.custom ? { apiVersion, kind, ...content } : { kind, apiVersion, ...content };
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}

function checkKind(
  value: JsonObject,
  resource: Resource,
  text: string,
  unrecognized: (why: string, text: string) => Error,
): void {
  const kind = textOf(at(value, "kind"));
  const apiVersion = textOf(at(value, "apiVersion"));
  const expected = groupVersionOf(resource);
  if (resource.custom && kind === "") throw unrecognized(`Object 'Kind' is missing in '${text}'`, text);
  if (resource.custom && apiVersion === "") throw unrecognized(`Object 'apiVersion' is missing in '${text}'`, text);
  const sameKind = kind === "" || kind === resource.kind;
  const sameVersion = apiVersion === "" || apiVersion === expected;
  if (sameKind && sameVersion) return;
  if (sameKind || resource.custom) {
    if (!sameVersion) {
      throw badRequest(
        `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
      );
    }
    const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
    throw invalid({ group, kind }, nameOf(value), [
      { type: "FieldValueInvalid", field: "kind", value: kind, detail: `must be ${resource.kind}` },
    ]);
  }
  const version = apiVersion === "" ? resource.version : (apiVersion.split("/").at(-1) ?? "");
  throw badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${resource.kind}: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

/** The first 30 bytes of a body; in hex unless it looks like JSON. */
function glimpse(text: string): string {
  if (text === "") return "<empty>";
  const bytes = new TextEncoder().encode(text);
  const more = bytes.length > 30 ? " ..." : "";
  const head = bytes.subarray(0, 30);
  if (text.startsWith("{")) return new TextDecoder().decode(head) + more;
  return Array.from(head, (byte) => byte.toString(16).padStart(2, "0")).join("") + more;
}
