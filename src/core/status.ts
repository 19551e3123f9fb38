/** Kubernetes' Status object, and the error that carries one. */

import { KindredError } from "./errors.js";
import type { ListMeta } from "./meta.js";

/** Why a request failed, in the API server's words; servers may add more. */
export type StatusReason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Expired"
  | "Invalid"
  | "ServerTimeout"
  | "Timeout"
  | "TooManyRequests"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "UnsupportedMediaType"
  | "RequestEntityTooLarge"
  | "InternalError"
  | "ServiceUnavailable"
  | "StoreReadError"
  | (string & {});

/** One field or circumstance that made a request fail. */
export interface StatusCause {
  reason?: string;
  message?: string;
  /** The path of the field, such as `spec.replicas`. */
  field?: string;
}

/** What the API server says about a failure, or about an object that is gone. */
export interface Status {
  apiVersion: "v1";
  kind: "Status";
  metadata: ListMeta;
  status?: "Success" | "Failure";
  message?: string;
  reason?: StatusReason;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
  code?: number;
}

/** What was asked when the API server refused. */
export interface FailedRequest {
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  /** The `Retry-After` header, if the response had one; else the Status' own hint. */
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * The API server's refusal: carries its whole Status, the method and the path.
 *
 * Tell cases apart by {@link isNotFound} and its kin, which work on `unknown`.
 */
export class ApiError extends KindredError<"API"> {
  override readonly name = "ApiError";
  readonly status: Status;
  readonly method: string;
  readonly path: string;
  /** How long the server asks to wait, in seconds. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: Status, request: FailedRequest) {
    super("API", describe(status, request));
    this.status = status;
    this.method = request.method;
    this.path = request.path;
    this.retryAfterSeconds = request.retryAfterSeconds ?? status.details?.retryAfterSeconds;
  }

  /** The HTTP status code; 0 if the server named none. */
  get statusCode(): number {
    return this.status.code ?? 0;
  }

  /** The reason in the server's words; empty if it named none. */
  get reason(): StatusReason {
    return this.status.reason ?? "";
  }
}

/** Status that stands in for a body that is none: a proxy's page, an empty body, `404 page not found`. */
export function statusOf(code: number, body: unknown): Status {
  // What is no API server may leave out what every API server sends.
  if (isStatus(body)) return { ...body, metadata: body.metadata ?? {}, code: body.code ?? code };
  const text = typeof body === "string" ? body.trim() : "";
  return {
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    code,
    reason: reasonByCode.get(code) ?? "",
    message: text === "" ? "the server sent no explanation" : excerpt(text),
  };
}

/** Whether a value read from the API server is a Status. */
export function isStatus(value: unknown): value is Status {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
}

/** The object, collection or path does not exist (404). */
export const isNotFound = is("NotFound", 404);
/** An object of that name exists already (409 AlreadyExists). */
export const isAlreadyExists = is("AlreadyExists");
/** Somebody else changed the object, or owns a field (409 Conflict). */
export const isConflict = is("Conflict", 409, "AlreadyExists");
/** The credentials were not accepted (401). */
export const isUnauthorized = is("Unauthorized", 401);
/** RBAC, admission or a quota forbids it (403). */
export const isForbidden = is("Forbidden", 403);
/** The object does not satisfy its schema or validation (422). */
export const isInvalid = is("Invalid", 422);
/** The request itself cannot be understood (400). */
export const isBadRequest = is("BadRequest", 400);
/** The resource version or continue token is too old: list again (410 Expired or Gone). */
export const isExpired = is("Expired", 410);
/** The server is overloaded: wait, then try again (429). */
export const isTooManyRequests = is("TooManyRequests", 429);
/** The server gave up waiting, for one because a resource version lies in the future (504). */
export const isTimeout = is("Timeout", 504);
/** The server cannot serve now (503). */
export const isServiceUnavailable = is("ServiceUnavailable", 503);
/** Something broke in the server (500). */
export const isInternalError = is("InternalError", 500);

/** By reason; by code only where the server named no reason, or one that we do not know. */
function is(reason: StatusReason, code?: number, except?: StatusReason) {
  return (error: unknown): error is ApiError => {
    if (!(error instanceof ApiError)) return false;
    if (error.reason === reason) return true;
    return (
      code !== undefined &&
      error.statusCode === code &&
      (!knownReasons.has(error.reason) || isAlias(error.reason, reason)) &&
      error.reason !== except
    );
  };
}

const reasonByCode: ReadonlyMap<number, StatusReason> = new Map<number, StatusReason>([
  [400, "BadRequest"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "NotFound"],
  [405, "MethodNotAllowed"],
  [406, "NotAcceptable"],
  [409, "Conflict"],
  [410, "Gone"],
  [413, "RequestEntityTooLarge"],
  [415, "UnsupportedMediaType"],
  [422, "Invalid"],
  [429, "TooManyRequests"],
  [500, "InternalError"],
  [503, "ServiceUnavailable"],
  [504, "Timeout"],
]);

const knownReasons: ReadonlySet<string> = new Set<string>([
  ...reasonByCode.values(),
  "AlreadyExists",
  "Expired",
  "ServerTimeout",
  "StoreReadError",
]);

/** `Gone` is what older servers say for `Expired`. */
function isAlias(said: StatusReason, asked: StatusReason): boolean {
  return said === "Gone" && asked === "Expired";
}

function describe(status: Status, request: FailedRequest): string {
  const verdict = [status.code, status.reason].filter((part) => part !== undefined && part !== "").join(" ");
  const message = status.message ?? "the server sent no message";
  return `${request.method} ${request.path}: ${verdict}: ${message}${cureOf(status)}`;
}

/** What to do about a refusal, where the server's message does not say it. */
function cureOf(status: Status): string {
  switch (status.reason) {
    case "Unauthorized":
      return " (the credentials were not accepted: check the user of the kubeconfig's current context, or log in again)";
    case "Forbidden":
      // A server that lets anybody in takes what it does not know, such as a password, for nothing at all.
      if (status.message?.includes('User "system:anonymous" ') === true) {
        return " (the server saw no credentials that it knows: check the user of the kubeconfig's current context; it takes tokens and client certificates, no passwords)";
      }
      return status.message?.includes("cannot ") === true
        ? " (grant it with a Role or ClusterRole and a binding; `kubectl auth can-i --list` shows what is allowed)"
        : "";
    case "Expired":
    case "Gone":
      return " (list again without it)";
    default:
      return "";
  }
}

function excerpt(text: string): string {
  const limit = 500;
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`;
}
