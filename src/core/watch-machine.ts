/**
 * The watch state machine: what to ask for next and what to report, as a pure function of the state, what happened and the time.
 *
 * List, then watch from the list's version; when a watch ends, watch again from the last version seen; when the server no longer
 * has that version (410), list again. Every transition is a row of `watch-machine.test.ts`.
 */

import { KindredError } from "./errors.js";
import type { List, ObjectMeta } from "./meta.js";
import { ApiError, isBadRequest, isExpired, isInvalid, isNotFound } from "./status.js";
import { endsInitialEvents, type WatchEvent } from "./watch-event.js";

/** How the first state is fetched: in pages, or as the first events of a watch. */
export type ListStrategy = "paging" | "streaming";

/** What does not change while a watcher lives. */
export interface WatchMachineOptions {
  readonly strategy: ListStrategy;
  /** Objects per page. */
  readonly pageSize: number;
  /** `most-recent` reads what is committed; `any` takes what a server has cached, which may be older. */
  readonly semantic: "most-recent" | "any";
}

/** What a watcher reports. */
export type WatcherEvent<T> =
  /** A list begins: collect what follows apart from what is known. */
  | { readonly type: "init" }
  /** An object of the list. */
  | { readonly type: "init-apply"; readonly object: T }
  /** The list is complete, as of this version: what was not in it is gone. */
  | { readonly type: "init-done"; readonly resourceVersion: string }
  /** An object was created or changed. */
  | { readonly type: "apply"; readonly object: T }
  /** An object was deleted, or left the selection; this is its last state. */
  | { readonly type: "delete"; readonly object: T }
  /** Something failed; the watcher goes on by itself. */
  | WatcherFailure;

/** A failure that the watcher recovers from. */
export interface WatcherFailure {
  readonly type: "error";
  readonly error: Error;
  /** How many failures have come in a row, this one included. */
  readonly failures: number;
}

/** Where a watcher stands. Treat as opaque: start with {@link initialWatchState}. */
export interface WatchState {
  readonly phase: /** Nothing is listed. */
    | { readonly type: "empty" }
    /** Pages are coming. */
    | { readonly type: "listing"; readonly continue: string }
    /** The initial events of a streaming list are coming. */
    | { readonly type: "streaming"; readonly began: boolean }
    /** All is known as of a version; no watch is open. */
    | { readonly type: "listed"; readonly resourceVersion: string }
    /** A watch is open. */
    | { readonly type: "watching"; readonly resourceVersion: string };
  /** Set once the server refused a streaming list. */
  readonly strategy: ListStrategy;
  /** Set once a page's token expired before the list was through: then the whole list is asked for at once. */
  readonly unpaged: boolean;
  readonly failures: number;
  readonly failedAt: number;
  /** When the current connection was opened, and whether it brought an object. */
  readonly openedAt: number;
  readonly lively: boolean;
}

/** What happened. */
export type WatchInput<T> =
  | { readonly type: "start" }
  | { readonly type: "page"; readonly page: List<T> }
  | { readonly type: "list-failed"; readonly error: Error }
  | { readonly type: "opened" }
  | { readonly type: "open-failed"; readonly error: Error }
  | { readonly type: "event"; readonly event: WatchEvent<T> }
  /** One line could not be read: what it said is not known. */
  | { readonly type: "bad-line"; readonly error: Error }
  /** The stream ended as streams do. */
  | { readonly type: "ended" }
  /** The stream broke. */
  | { readonly type: "broken"; readonly error: Error }
  /** Nothing came for longer than the server keeps silent. */
  | { readonly type: "idle" };

/** What to do next. */
export type WatchEffect =
  | {
      readonly type: "list";
      readonly delay: Delay;
      readonly options: {
        readonly limit?: number;
        readonly continue?: string;
        readonly resourceVersion?: string;
        readonly resourceVersionMatch?: "NotOlderThan";
      };
    }
  | {
      readonly type: "watch";
      readonly delay: Delay;
      readonly options: { readonly resourceVersion?: string; readonly sendInitialEvents?: true };
    }
  /** Wait for the next event of the open watch. */
  | { readonly type: "read" };

/** How long to wait before an effect: nothing after success, else by the number of failures in a row. */
export interface Delay {
  /** 0: at once. */
  readonly failures: number;
  /** What the server asked for. */
  readonly atLeastSeconds: number;
}

/** One step of the machine. */
export interface WatchStep<T> {
  readonly state: WatchState;
  readonly events: readonly WatcherEvent<T>[];
  readonly effect: WatchEffect;
}

/** An object as the machine sees it. */
export interface WatchedObject {
  readonly metadata: Pick<ObjectMeta, "resourceVersion">;
}

/** Failures this far apart are not in a row: client-go's reflector forgets after as long. */
const quietMs = 120_000;

/** A connection that lived shorter and brought no object was refused in all but name. */
const instantMs = 1_000;

/** Nothing known, nothing asked. Feed it `start`. */
export function initialWatchState(options: WatchMachineOptions): WatchState {
  return {
    phase: { type: "empty" },
    strategy: options.strategy,
    unpaged: false,
    failures: 0,
    failedAt: Number.NEGATIVE_INFINITY,
    openedAt: 0,
    lively: false,
  };
}

/**
 * One transition.
 *
 * @param context.now milliseconds on any monotonic clock.
 */
export function stepWatch<T extends WatchedObject>(
  state: WatchState,
  input: WatchInput<T>,
  context: { readonly now: number; readonly options: WatchMachineOptions },
): WatchStep<T> {
  const { now, options } = context;
  switch (input.type) {
    case "start":
      return { state, events: [], effect: nextRequest(state, options, atOnce) };
    case "page":
      return takePage(state, input.page, context);
    case "list-failed":
      return listFailed(state, input.error, context);
    case "opened":
      return { state: opened(state, now), events: [], effect: { type: "read" } };
    case "open-failed":
      return openFailed(state, input.error, context);
    case "event":
      return takeEvent(state, input.event, context);
    case "bad-line":
      return badLine(state, input.error, context);
    case "broken":
      return fail({ ...state, phase: reconnecting(state) }, input.error, context);
    case "idle":
      return fail({ ...state, phase: reconnecting(state) }, silence(), context);
    case "ended":
      return ended(state, context);
    default:
      throw new TypeError(`unknown input ${JSON.stringify(input satisfies never)}`);
  }
}

interface Context {
  readonly now: number;
  readonly options: WatchMachineOptions;
}

const atOnce: Delay = { failures: 0, atLeastSeconds: 0 };

/** The request that a phase without an open connection calls for. */
function nextRequest(state: WatchState, options: WatchMachineOptions, delay: Delay): WatchEffect {
  const { phase } = state;
  switch (phase.type) {
    case "empty":
      return state.strategy === "streaming"
        ? {
            type: "watch",
            delay,
            options: { ...(options.semantic === "any" && { resourceVersion: "0" }), sendInitialEvents: true },
          }
        : { type: "list", delay, options: firstPage(state, options) };
    case "listing":
      return { type: "list", delay, options: { limit: options.pageSize, continue: phase.continue } };
    case "listed":
      return { type: "watch", delay, options: { resourceVersion: phase.resourceVersion } };
    case "streaming":
    case "watching":
      return { type: "read" };
    default:
      throw new TypeError(`unknown phase ${JSON.stringify(phase satisfies never)}`);
  }
}

function firstPage(state: WatchState, options: WatchMachineOptions) {
  // The server ignores a limit at version "0": a cached list comes whole.
  if (options.semantic === "any") return { resourceVersion: "0", resourceVersionMatch: "NotOlderThan" } as const;
  return state.unpaged ? {} : { limit: options.pageSize };
}

function takePage<T extends WatchedObject>(state: WatchState, page: List<T>, context: Context): WatchStep<T> {
  const begins: WatcherEvent<T>[] = state.phase.type === "listing" ? [] : [{ type: "init" }];
  const events = begins.concat(page.items.map((object) => ({ type: "init-apply", object })));
  if (page.metadata.continue) {
    const next: WatchState = { ...state, phase: { type: "listing", continue: page.metadata.continue } };
    return { state: next, events, effect: nextRequest(next, context.options, atOnce) };
  }
  if (!page.metadata.resourceVersion) {
    const broken = fail<T>({ ...state, phase: { type: "empty" } }, versionless(), context);
    return { ...broken, events: [...events, ...broken.events] };
  }
  const listed: WatchState = {
    ...state,
    phase: { type: "listed", resourceVersion: page.metadata.resourceVersion },
    unpaged: false,
  };
  // A list that succeeds does not forgive a watch that keeps failing: only a live connection does.
  return {
    state: listed,
    events: [...events, { type: "init-done", resourceVersion: page.metadata.resourceVersion }],
    effect: nextRequest(listed, context.options, atOnce),
  };
}

function listFailed<T>(state: WatchState, error: Error, context: Context): WatchStep<T> {
  const unpaged = state.unpaged || (state.phase.type === "listing" && isExpired(error));
  return fail({ ...state, unpaged, phase: { type: "empty" } }, error, context);
}

function opened(state: WatchState, now: number): WatchState {
  const { phase } = state;
  return {
    ...state,
    openedAt: now,
    lively: false,
    phase:
      phase.type === "listed"
        ? { type: "watching", resourceVersion: phase.resourceVersion }
        : { type: "streaming", began: false },
  };
}

/** What a failed connect means depends on what the server said, not only that it failed. */
function openFailed<T>(state: WatchState, error: Error, context: Context): WatchStep<T> {
  if (state.phase.type === "empty") {
    return fail({ ...state, strategy: refusesStreaming(error) ? "paging" : state.strategy }, error, context);
  }
  // 404: the kind itself is gone; what was known is void, and only a list tells when it is back.
  const relist = needsRelist(error) || isNotFound(error);
  return fail(relist ? { ...state, phase: { type: "empty" } } : state, error, context);
}

/** A server that does not know `sendInitialEvents`, or has it switched off, says that the options are invalid. */
function refusesStreaming(error: Error): boolean {
  return isInvalid(error) || isBadRequest(error);
}

function takeEvent<T extends WatchedObject>(state: WatchState, event: WatchEvent<T>, context: Context): WatchStep<T> {
  if (event.type === "ERROR")
    return errorEvent(state, new ApiError(event.object, { method: "GET", path: "(watch)" }), context);
  return state.phase.type === "streaming" ? initialEvent(state, event) : liveEvent(state, event);
}

function liveEvent<T extends WatchedObject>(
  state: WatchState,
  event: Exclude<WatchEvent<T>, { type: "ERROR" }>,
): WatchStep<T> {
  const { resourceVersion } = event.object.metadata;
  const next: WatchState = { ...state, phase: { type: "watching", resourceVersion } };
  const effect = { type: "read" } as const;
  // A server that sends one bookmark and hangs up, again and again, is not working: a bookmark is no proof of life.
  if (event.type === "BOOKMARK") return { state: next, events: [], effect };
  const type = event.type === "DELETED" ? "delete" : "apply";
  return { state: { ...next, lively: true, failures: 0 }, events: [{ type, object: event.object }], effect };
}

function initialEvent<T>(state: WatchState, event: Exclude<WatchEvent<T>, { type: "ERROR" }>): WatchStep<T> {
  const began = state.phase.type === "streaming" && state.phase.began;
  const begins: WatcherEvent<T>[] = began ? [] : [{ type: "init" }];
  const next: WatchState = { ...state, lively: true, phase: { type: "streaming", began: true } };
  const effect = { type: "read" } as const;
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
      return { state: next, events: [...begins, { type: "init-apply", object: event.object }], effect };
    case "DELETED":
      return { state: next, events: [...begins, { type: "delete", object: event.object }], effect };
    case "BOOKMARK": {
      if (!endsInitialEvents(event.object)) return { state: next, events: begins, effect };
      const { resourceVersion } = event.object.metadata;
      return {
        state: { ...next, phase: { type: "watching", resourceVersion } },
        events: [...begins, { type: "init-done", resourceVersion }],
        effect,
      };
    }
    default:
      throw new TypeError(`unknown event ${JSON.stringify(event satisfies never)}`);
  }
}

/** The stream is of no use after an error: what follows is a new request. */
function errorEvent<T>(state: WatchState, error: ApiError, context: Context): WatchStep<T> {
  const relist = needsRelist(error) || state.phase.type === "streaming";
  return fail({ ...state, phase: relist ? { type: "empty" } : reconnecting(state) }, error, context);
}

/**
 * What the line said is lost, so what is known may be wrong until it is said again: by watching once more from before it. Where that
 * did not help, a list tells; where a streaming list is what cannot be read, a paged one does.
 */
function badLine<T>(state: WatchState, error: Error, context: Context): WatchStep<T> {
  const again = state.failures > 0 && context.now - state.failedAt <= quietMs;
  if (state.phase.type !== "streaming") {
    return fail({ ...state, phase: again ? { type: "empty" } : reconnecting(state) }, error, context);
  }
  return fail({ ...state, phase: { type: "empty" }, strategy: again ? "paging" : state.strategy }, error, context);
}

/** Whether the version watched from is of no use any more. */
function needsRelist(error: Error): boolean {
  return isExpired(error) || isFromTheFuture(error);
}

/** A version that the server has not reached: it was restored from a backup, or another server answers. */
function isFromTheFuture(error: Error): boolean {
  return (
    error instanceof ApiError &&
    error.status.details?.causes?.some((cause) => cause.reason === "ResourceVersionTooLarge") === true
  );
}

function ended<T>(state: WatchState, context: Context): WatchStep<T> {
  const next: WatchState = { ...state, phase: reconnecting(state) };
  if (state.phase.type === "streaming") return fail(next, cutShort(), context);
  if (!state.lively && context.now - state.openedAt < instantMs) return fail(next, instantEnd(), context);
  return { state: next, events: [], effect: nextRequest(next, context.options, atOnce) };
}

/** Where to go on once the connection is lost: from the last version, or from the start if the list was not through. */
function reconnecting(state: WatchState): WatchState["phase"] {
  return state.phase.type === "watching"
    ? { type: "listed", resourceVersion: state.phase.resourceVersion }
    : { type: "empty" };
}

function fail<T>(state: WatchState, error: Error, { now, options }: Context): WatchStep<T> {
  const failures = now - state.failedAt > quietMs ? 1 : state.failures + 1;
  const next: WatchState = { ...state, failures, failedAt: now };
  // Falling behind is nobody's fault the first time: list at once.
  const forgiven = failures === 1 && isExpired(error);
  const atLeastSeconds = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) : 0;
  return {
    state: next,
    events: [{ type: "error", error, failures }],
    effect: nextRequest(next, options, { failures: forgiven ? 0 : failures, atLeastSeconds }),
  };
}

const versionless = () =>
  new KindredError(
    "PROTOCOL",
    "the list has no metadata.resourceVersion, so there is no point to watch from: is this an API server?",
  );
const cutShort = () => new KindredError("CONNECTION", "the watch ended before its initial events were through");
const instantEnd = () => new KindredError("CONNECTION", "the server ended the watch at once, without an object");
const silence = () =>
  new KindredError("CONNECTION", "the watch was silent for longer than the server's timeout: the connection is dead");
