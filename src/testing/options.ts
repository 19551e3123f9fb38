/** The options of a request: read from the query, checked as the API server checks them. */

import { type FieldError, failure, quoted } from "./failure.js";
import { at, compact, type JsonObject, listOf } from "./json.js";
import { badRequest, invalidOptions } from "./messages.js";
import { type ApiRequest, headerOf } from "./request.js";

/** Options of everything that writes. */
export interface WriteOptions {
  readonly dryRun: boolean;
  /** Who writes. */
  readonly manager: string;
  readonly validation: "Strict" | "Warn" | "Ignore";
}

/** Reads the options of create, replace and patch. */
export function writeOptions(
  kind: "CreateOptions" | "UpdateOptions" | "PatchOptions",
  request: ApiRequest,
  query: URLSearchParams,
  extra: readonly FieldError[] = [],
): WriteOptions {
  const manager = query.get("fieldManager") ?? "";
  const validation = query.get("fieldValidation") ?? "";
  const errors = [...extra, ...dryRunErrors(query.getAll("dryRun")), ...managerErrors(manager)];
  if (!["", "Ignore", "Strict", "Warn"].includes(validation)) {
    errors.push(unsupported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]));
  }
  if (errors.length > 0) throw invalidOptions(kind, errors);
  return {
    dryRun: query.has("dryRun"),
    manager: manager === "" ? managerOf(headerOf(request, "user-agent")) : manager,
    validation: validation === "Strict" || validation === "Ignore" ? validation : "Warn",
  };
}

/** Who writes if nobody says so: the User-Agent up to its first slash. */
function managerOf(userAgent: string): string {
  const [name = ""] = userAgent.split("/");
  return name.replace(/\p{Cc}/gu, "").slice(0, maxManager);
}

const maxManager = 128;

function managerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (new TextEncoder().encode(manager).length > maxManager) {
    errors.push({
      type: "FieldValueTooLong",
      field: "fieldManager",
      detail: `may not be more than ${maxManager} bytes`,
    });
  }
  if (/\p{Cc}/u.test(manager)) {
    errors.push({
      type: "FieldValueInvalid",
      field: "fieldManager",
      value: manager,
      detail: "should only contain printable characters",
    });
  }
  return errors;
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === "All")
    ? []
    : [
        {
          type: "FieldValueNotSupported",
          field: "dryRun",
          value: values,
          detail: `supported values: ${quoted(["All"])}`,
        },
      ];
}

function unsupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  return { type: "FieldValueNotSupported", field, value, detail: `supported values: ${quoted(supported)}` };
}

/** Options of delete and deletecollection. */
export interface DeletionOptions {
  readonly dryRun: boolean;
  readonly gracePeriodSeconds: number | undefined;
  readonly propagation: "Foreground" | "Background" | "Orphan" | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

const policies = ["Foreground", "Background", "Orphan"] as const;

/** Reads the options of a deletion from its body, or else from the query. */
export function deletionOptions(body: JsonObject | undefined, query: URLSearchParams): DeletionOptions {
  const given = body ?? fromQuery(query);
  const policy = given["propagationPolicy"];
  const orphan = given["orphanDependents"];
  const grace = given["gracePeriodSeconds"];
  const errors = dryRunErrors(listOf(given["dryRun"]).map(String));
  if (orphan !== undefined && policy !== undefined) {
    errors.push({
      type: "FieldValueInvalid",
      field: "propagationPolicy",
      value: policy,
      detail: "orphanDependents and deletionPropagation cannot be both set",
    });
  } else if (policy !== undefined && !policies.some((known) => known === policy)) {
    errors.push(unsupported("propagationPolicy", policy, [...policies, "nil"]));
  }
  if (errors.length > 0) throw invalidOptions("DeleteOptions", errors);
  const uid = at(given, "preconditions", "uid");
  const version = at(given, "preconditions", "resourceVersion");
  return {
    dryRun: listOf(given["dryRun"]).length > 0,
    gracePeriodSeconds: typeof grace === "number" ? grace : undefined,
    propagation:
      policies.find((known) => known === policy) ??
      (orphan === true ? "Orphan" : orphan === false ? "Background" : undefined),
    uid: typeof uid === "string" ? uid : undefined,
    resourceVersion: typeof version === "string" ? version : undefined,
  };
}

function fromQuery(query: URLSearchParams): JsonObject {
  const grace = query.get("gracePeriodSeconds");
  const orphan = query.get("orphanDependents");
  return compact({
    gracePeriodSeconds: grace === null ? undefined : integer(grace),
    propagationPolicy: query.get("propagationPolicy") ?? undefined,
    orphanDependents: orphan === null ? undefined : isTrue(orphan),
    dryRun: query.has("dryRun") ? query.getAll("dryRun") : undefined,
  });
}

/** Options of list and watch. */
export interface ReadOptions {
  readonly watch: boolean;
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly match: "" | "Exact" | "NotOlderThan";
  readonly bookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
  readonly timeoutSeconds: number | undefined;
}

/** Reads the options of a list or watch. */
export function readOptions(query: URLSearchParams, watchPath: boolean): ReadOptions {
  const text = (name: string) => query.get(name) ?? "";
  const watch = watchPath || (query.has("watch") && isTrue(text("watch")));
  const match = text("resourceVersionMatch");
  const version = text("resourceVersion");
  const initial = query.has("sendInitialEvents") ? isTrue(text("sendInitialEvents")) : undefined;
  const limit = query.has("limit") && text("limit") !== "" ? integer(text("limit")) : 0;
  const timeout = text("timeoutSeconds") === "" ? undefined : integer(text("timeoutSeconds"));
  const errors = watch ? watchErrors(match, initial) : listErrors(match, version, text("continue"), initial);
  if (errors.length > 0) throw invalidOptions("ListOptions", errors);
  return {
    watch,
    limit: Math.max(limit, 0),
    continue: text("continue"),
    resourceVersion: version,
    match: match === "Exact" || match === "NotOlderThan" ? match : "",
    bookmarks: isTrue(text("allowWatchBookmarks")),
    sendInitialEvents: initial,
    timeoutSeconds: timeout,
  };
}

const forbiddenMatch = (detail: string): FieldError => ({
  type: "FieldValueForbidden",
  field: "resourceVersionMatch",
  detail,
});

function watchErrors(match: string, initial: boolean | undefined): FieldError[] {
  if (initial === undefined) {
    return match === ""
      ? []
      : [forbiddenMatch("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")];
  }
  if (match === "NotOlderThan") return [];
  const missing = forbiddenMatch("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  return match === "" ? [missing] : [missing, unsupported("resourceVersionMatch", match, ["NotOlderThan"])];
}

function listErrors(match: string, version: string, token: string, initial: boolean | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (initial !== undefined) {
    errors.push({
      type: "FieldValueForbidden",
      field: "sendInitialEvents",
      detail: "sendInitialEvents is forbidden for list",
    });
  }
  if (match === "") return errors;
  if (version === "") {
    errors.push(forbiddenMatch("resourceVersionMatch is forbidden unless resourceVersion is provided"));
  }
  if (token !== "") errors.push(forbiddenMatch("resourceVersionMatch is forbidden when continue is provided"));
  if (match !== "Exact" && match !== "NotOlderThan") {
    errors.push(unsupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]));
  }
  if (match === "Exact" && version === "0") {
    errors.push(forbiddenMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

/** A resource version of a request. `onFailure` wraps the text: lists, gets and watches refuse in different ways. */
export function parseVersion(text: string, onFailure: "list" | "other"): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const why = `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${/^\d+$/.test(text) ? "value out of range" : "invalid syntax"}`;
  throw onFailure === "list"
    ? badRequest(`invalid resource version: ${why}`)
    : failure({ code: 500, reason: "", message: why });
}

/** What the API server takes for true: anything but these. */
function isTrue(text: string): boolean {
  return text !== "" && text !== "0" && text.toLowerCase() !== "false";
}

function integer(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

const duration = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** Checks how long a request may take. This server takes no time, so that the value has no effect. @throws Failure 400. */
export function checkTimeout(query: URLSearchParams): void {
  const text = query.get("timeout") ?? "";
  if (text === "" || duration.test(text)) return;
  const why = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? "missing unit in duration" : "invalid duration";
  throw badRequest(`invalid timeout specified in the request URL - time: ${why} ${JSON.stringify(text)}`);
}

/** Whether `?pretty` or a browser-like client asks for indented JSON. */
export function wantsPretty(request: ApiRequest, query: URLSearchParams): boolean {
  const pretty = query.get("pretty");
  if (pretty !== null) return isTrue(pretty) || pretty === "";
  return /^(?:curl|Wget|Mozilla)/.test(headerOf(request, "user-agent"));
}
