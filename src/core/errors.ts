/** The one base of all that kindred throws, and the caller's own mistakes. */

/** The kinds of failure: switch on `error.code`. */
export type ErrorCode =
  /** The caller's mistake, found before any I/O. */
  | "INVALID_ARGUMENT"
  /** The API server answered with a failure: see ApiError. */
  | "API"
  /** A kubeconfig or the in-cluster files cannot be used. */
  | "CONFIG"
  /** Credentials cannot be had: a plugin failed, a token file is gone. */
  | "AUTH"
  /** The API server serves no kind of that name, or several. */
  | "UNKNOWN_KIND"
  /** The server cannot be reached, or the connection broke. */
  | "CONNECTION"
  /** The server's bytes are not what the protocol says. */
  | "PROTOCOL"
  /** A command in a container did not do what it was run for. */
  | "COMMAND"
  /** A schema cannot be expressed as a CustomResourceDefinition. */
  | "SCHEMA"
  /** A value does not satisfy its schema. */
  | "VALIDATION"
  /** A reconcile gave up for good: see TerminalError. */
  | "TERMINAL"
  /** Something awaited did not happen in time. */
  | "TIMEOUT";

/**
 * Base class of every error that kindred throws. The message names what was tried, on what, and the cure; the cause is kept.
 *
 * An abort is not one of these: it rethrows the signal's reason.
 */
export class KindredError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = "KindredError";
  readonly code: C;

  constructor(code: C, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The error for a caller's mistake; thrown before any I/O. */
export function invalidArgument(message: string): KindredError<"INVALID_ARGUMENT"> {
  return new KindredError("INVALID_ARGUMENT", message);
}
