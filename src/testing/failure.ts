/** The one error of this server: a Status on its way to the client. */

import type { Status, StatusCause } from "../core/index.js";

/** A refusal. Thrown anywhere in the pipeline, written as a Status by its end. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly status: Status;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Status, headers: Readonly<Record<string, string>> = {}) {
    super(status.message ?? "");
    this.status = status;
    const wait = status.details?.retryAfterSeconds;
    this.headers = wait === undefined ? headers : { "retry-after": String(wait), ...headers };
  }

  get code(): number {
    return this.status.code ?? 500;
  }
}

/** A failure that is no Status at all: `404 page not found`, in plain text. */
export class PlainFailure extends Error {
  override readonly name = "PlainFailure";
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** What a refusal says besides its message. */
export interface FailureParts {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: NonNullable<Status["details"]>;
  /** Where an interrupted list can go on. */
  readonly continue?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Builds a refusal. */
export function failure({ code, reason, message, details, headers, ...parts }: FailureParts): Failure {
  return new Failure(
    {
      kind: "Status",
      apiVersion: "v1",
      metadata: parts.continue === undefined ? {} : { continue: parts.continue },
      status: "Failure",
      message,
      ...(reason === "" ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    },
    headers,
  );
}

/** One thing that is wrong with a field of an object. */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  /** Left out where the message must not repeat it. */
  readonly value?: unknown;
  readonly detail: string;
}

/** How a field is wrong, in the words of a Status' cause. */
export type FieldErrorType =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueTypeInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueDuplicate"
  | "FieldValueNotFound"
  | "InternalError";

const words: Readonly<Record<FieldErrorType, string>> = {
  FieldValueRequired: "Required value",
  FieldValueInvalid: "Invalid value",
  FieldValueTypeInvalid: "Invalid value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  FieldValueDuplicate: "Duplicate value",
  FieldValueNotFound: "Not found",
  InternalError: "Internal error",
};

/** Types whose message does not repeat the value. */
const valueless = new Set<FieldErrorType>([
  "FieldValueRequired",
  "FieldValueForbidden",
  "FieldValueTooLong",
  "InternalError",
]);

/** A field error without its path: `Invalid value: 3: must be …`. */
function describeField({ type, value, detail }: FieldError): string {
  const shown = valueless.has(type) || value === undefined ? "" : `: ${formatGo(value)}`;
  return `${words[type]}${shown}${detail === "" ? "" : `: ${detail}`}`;
}

/** Causes as a Status lists them. */
export function causesOf(errors: readonly FieldError[]): StatusCause[] {
  return errors.map((error) => ({ reason: error.type, message: describeField(error), field: error.field }));
}

/** Several errors as one text: alone as it is, more in brackets. */
export function joinErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${describeField(error)}`))];
  return texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
}

/** A value as Go prints it into field errors: strings quoted, the rest as JSON. */
export function formatGo(value: unknown): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "bigint") return String(value);
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? Number(inner) : inner));
}

/** A list of strings as Go's `%q` prints it: `["a" "b"]`. */
export function quoted(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}
