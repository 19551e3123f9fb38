/**
 * The watch state machine: what to ask for next and what to report, as a pure function of the state, what happened and the time.
 *
 * List, then watch from the list's version; when a watch ends, watch again from the last version seen; when the server no longer
 * has that version (410), list again. Every transition is a row of `watch-machine.test.ts`.
 *
 * A server whose data was wiped or restored is behind the last version seen, and to a watch from there it says nothing at all until
 * it has caught up. So whenever a connection was lost, or brought nothing, a list of one object tells first where the server is.
 */

import { KindredError } from "./errors.js";
import type { List, ObjectMeta } from "./meta.js";
import { compareResourceVersions } from "./resource-version.js";
import { ApiError, isBadRequest, isExpired, isForbidden, isInvalid, isNotFound } from "./status.js";
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
    /** The same, and whether the server has come as far as that version must be asked first. */
    | { readonly type: "doubted"; readonly resourceVersion: string }
    /** A watch is open. */
    | { readonly type: "watching"; readonly resourceVersion: string };
  /** Set once the server refused a streaming list. */
  readonly strategy: ListStrategy;
  /** Set once a page's token expired before the list was through: then the whole list is asked for at once. */
  readonly unpaged: boolean;
  readonly failures: number;
  readonly failedAt: number;
  /** When the current connection was opened, and the most that it brought. */
  readonly openedAt: number;
  readonly brought: "nothing" | "bookmark" | "object";
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
  /** Wait for the next event of the open watch; `idle` follows if nothing comes within so many seconds. Default: as long as a watch may be silent. */
  | { readonly type: "read"; readonly withinSeconds?: number };

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

/** The initial events of a streaming list come one after the other: a server that pauses for longer does not know how to end them. */
const initialPauseSeconds = 10;

/** Nothing known, nothing asked. Feed it `start`. */
export function initialWatchState(options: WatchMachineOptions): WatchState {
  return {
    phase: { type: "empty" },
    strategy: options.strategy,
    unpaged: false,
    failures: 0,
    failedAt: Number.NEGATIVE_INFINITY,
    openedAt: 0,
    brought: "nothing",
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
      return proceed(opened(state, now), [], options);
    case "open-failed":
      return openFailed(state, input.error, context);
    case "event":
      return takeEvent(state, input.event, context);
    case "bad-line":
      return badLine(state, input.error, context);
    case "broken":
      return fail({ ...state, phase: lost(state) }, input.error, context);
    case "idle":
      return state.phase.type === "streaming"
        ? noEnd(state, context)
        : fail({ ...state, phase: lost(state) }, silence(), context);
    case "ended":
      return takeEnd(state, context);
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
    case "doubted":
      return { type: "list", delay, options: { limit: 1 } };
    case "listed":
      return { type: "watch", delay, options: { resourceVersion: phase.resourceVersion } };
    case "streaming":
      return { type: "read", withinSeconds: initialPauseSeconds };
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

/** The state's next request, or the next event of its open watch. */
function proceed<T>(state: WatchState, events: readonly WatcherEvent<T>[], options: WatchMachineOptions): WatchStep<T> {
  return { state, events, effect: nextRequest(state, options, atOnce) };
}

function takePage<T extends WatchedObject>(state: WatchState, page: List<T>, context: Context): WatchStep<T> {
  if (state.phase.type === "doubted") return takePresent(state, page.metadata.resourceVersion, context);
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

/** Where the server is, against where it was: if it is behind, its data is not the data that was seen. */
function takePresent<T>(state: WatchState, present: string | undefined, context: Context): WatchStep<T> {
  const seen = state.phase.type === "doubted" ? state.phase.resourceVersion : "";
  if (present !== undefined && compareResourceVersions(present, seen) < 0) {
    return fail({ ...state, phase: { type: "empty" } }, turnedBack(present, seen), context);
  }
  return proceed({ ...state, phase: { type: "listed", resourceVersion: seen } }, [], context.options);
}

function listFailed<T>(state: WatchState, error: Error, context: Context): WatchStep<T> {
  if (state.phase.type === "doubted") {
    const { resourceVersion } = state.phase;
    if (needsRelist(error) || isNotFound(error)) return fail({ ...state, phase: { type: "empty" } }, error, context);
    // Streaming lists need no right to list: who lacks it cannot ask.
    return fail(isForbidden(error) ? { ...state, phase: { type: "listed", resourceVersion } } : state, error, context);
  }
  const unpaged = state.unpaged || (state.phase.type === "listing" && isExpired(error));
  return fail({ ...state, unpaged, phase: { type: "empty" } }, error, context);
}

function opened(state: WatchState, now: number): WatchState {
  const { phase } = state;
  return {
    ...state,
    openedAt: now,
    brought: "nothing",
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
  return fail({ ...state, phase: relist ? { type: "empty" } : lost(state) }, error, context);
}

/** A server that does not know `sendInitialEvents`, or has it switched off, says that the options are invalid. */
function refusesStreaming(error: Error): boolean {
  return isInvalid(error) || isBadRequest(error);
}

function takeEvent<T extends WatchedObject>(state: WatchState, event: WatchEvent<T>, context: Context): WatchStep<T> {
  if (event.type === "ERROR")
    return errorEvent(state, new ApiError(event.object, { method: "GET", path: "(watch)" }), context);
  return state.phase.type === "streaming" ? initialEvent(state, event, context) : liveEvent(state, event, context);
}

function liveEvent<T extends WatchedObject>(
  state: WatchState,
  event: Exclude<WatchEvent<T>, { type: "ERROR" }>,
  { options }: Context,
): WatchStep<T> {
  const { resourceVersion } = event.object.metadata;
  const next: WatchState = { ...state, phase: { type: "watching", resourceVersion } };
  // A server that sends one bookmark and hangs up, again and again, is not working: a bookmark is no proof of life.
  if (event.type === "BOOKMARK") {
    return proceed({ ...next, brought: state.brought === "object" ? "object" : "bookmark" }, [], options);
  }
  const type = event.type === "DELETED" ? "delete" : "apply";
  return proceed({ ...next, brought: "object", failures: 0 }, [{ type, object: event.object }], options);
}

function initialEvent<T>(
  state: WatchState,
  event: Exclude<WatchEvent<T>, { type: "ERROR" }>,
  context: Context,
): WatchStep<T> {
  const began = state.phase.type === "streaming" && state.phase.began;
  const begins: WatcherEvent<T>[] = began ? [] : [{ type: "init" }];
  const next: WatchState = { ...state, brought: "object", phase: { type: "streaming", began: true } };
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
      return proceed(next, [...begins, { type: "init-apply", object: event.object }], context.options);
    case "DELETED":
      return proceed(next, [...begins, { type: "delete", object: event.object }], context.options);
    case "BOOKMARK": {
      // The first bookmark of a streaming list is the one that ends it.
      if (!endsInitialEvents(event.object)) return noEnd(state, context);
      const { resourceVersion } = event.object.metadata;
      const events: WatcherEvent<T>[] = [...begins, { type: "init-done", resourceVersion }];
      return proceed({ ...next, phase: { type: "watching", resourceVersion } }, events, context.options);
    }
    default:
      throw new TypeError(`unknown event ${JSON.stringify(event satisfies never)}`);
  }
}

/** The server sends what is there, as every watch without a version begins, and does not know that it should say when it is through. */
function noEnd<T>(state: WatchState, context: Context): WatchStep<T> {
  return fail({ ...state, phase: { type: "empty" }, strategy: "paging" }, endless(), context);
}

/** The stream is of no use after an error: what follows is a new request. */
function errorEvent<T>(state: WatchState, error: ApiError, context: Context): WatchStep<T> {
  const relist = needsRelist(error) || state.phase.type === "streaming";
  return fail({ ...state, phase: relist ? { type: "empty" } : lost(state) }, error, context);
}

/**
 * What the line said is lost, so what is known may be wrong until it is said again: by watching once more from before it. Where that
 * did not help, a list tells; where a streaming list is what cannot be read, a paged one does.
 */
function badLine<T>(state: WatchState, error: Error, context: Context): WatchStep<T> {
  if (state.phase.type === "streaming") return startOver(state, error, context);
  return fail({ ...state, phase: failsAgain(state, context) ? { type: "empty" } : ended(state) }, error, context);
}

/** Begins a streaming list anew, or as a paged one if it was begun anew already. */
function startOver<T>(state: WatchState, error: Error, context: Context): WatchStep<T> {
  const strategy = failsAgain(state, context) ? "paging" : state.strategy;
  return fail({ ...state, phase: { type: "empty" }, strategy }, error, context);
}

function failsAgain(state: WatchState, { now }: Context): boolean {
  return state.failures > 0 && now - state.failedAt <= quietMs;
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

function takeEnd<T>(state: WatchState, context: Context): WatchStep<T> {
  if (state.phase.type === "streaming") return startOver(state, cutShort(), context);
  if (state.brought !== "object" && context.now - state.openedAt < instantMs) {
    return fail({ ...state, phase: lost(state) }, instantEnd(), context);
  }
  return proceed({ ...state, phase: state.brought === "nothing" ? lost(state) : ended(state) }, [], context.options);
}

/** Where to go on after a connection that did its work: from the last version, or from the start if the list was not through. */
function ended({ phase }: WatchState): WatchState["phase"] {
  return "resourceVersion" in phase ? { type: "listed", resourceVersion: phase.resourceVersion } : { type: "empty" };
}

/** Where to go on after a connection that was lost, or was dead: as far as is known, it may be another server that answers next. */
function lost({ phase }: WatchState): WatchState["phase"] {
  return "resourceVersion" in phase ? { type: "doubted", resourceVersion: phase.resourceVersion } : { type: "empty" };
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
const endless = () =>
  new KindredError(
    "CONNECTION",
    "the server does not say where the initial events of the watch end, so it may not know streaming lists: the list is fetched in pages",
  );
const turnedBack = (present: string, seen: string) =>
  new KindredError(
    "CONNECTION",
    `the server is at version ${present}, before ${seen} that it has sent: its data was wiped or restored, and is listed anew`,
  );
const instantEnd = () => new KindredError("CONNECTION", "the server ended the watch at once, without an object");
const silence = () =>
  new KindredError("CONNECTION", "the watch was silent for longer than the server's timeout: the connection is dead");
