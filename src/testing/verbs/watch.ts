/** Watches: events from the log, filtered for one client, until it leaves or its time is up. */

import { emptyObject } from "../apply/field-manager.js";
import { formatJson } from "../core-json.js";
import type { Failure } from "../failure.js";
import { at, freeze, type JsonObject, withAt } from "../json.js";
import { expired, tooLargeVersion } from "../messages.js";
import { parseVersion, type ReadOptions } from "../options.js";
import type { WatchBody } from "../request.js";
import { type Selection, selectionOf } from "../selectors.js";
import type { Change } from "../store/store.js";
import { type Call, spanOf } from "./call.js";

/** How objects are shown in events: as they are, as metadata, or as rows of a table. */
export type ShowObject = (object: JsonObject) => JsonObject;

/** How often a client that asked for bookmarks gets one. */
const bookmarkMs = 60_000;

/** Opens a watch. What is wrong with the request throws; what is wrong with its version is an event. */
export function watch(call: Call, options: ReadOptions, show: ShowObject): WatchStream {
  const version = options.resourceVersion === "" ? 0 : parseVersion(options.resourceVersion, "other");
  return new WatchStream(call, options, { version, show, selection: selectionOf(call.resource, call.query) });
}

interface WatchOf {
  readonly version: number;
  readonly show: ShowObject;
  readonly selection: Selection;
}

/**
 * The events of one watch as lines of JSON.
 *
 * Guarantees: pulled, never pushed, so a slow reader costs no memory; it is told 410 if it falls behind the log.
 */
export class WatchStream implements WatchBody {
  readonly #call: Call;
  readonly #watch: WatchOf;
  readonly #options: ReadOptions;
  readonly #initial: Iterator<string>;
  readonly #ends: (() => void)[] = [];
  #cursor: number;
  #isInitial = true;
  #isClosed = false;
  #isLast = false;
  #bookmarkDue = false;
  #wake: (() => void) | undefined;
  #cancelBookmark: () => void = () => undefined;

  constructor(call: Call, options: ReadOptions, watch: WatchOf) {
    this.#call = call;
    this.#watch = watch;
    this.#options = options;
    const sendsAll = options.sendInitialEvents ?? watch.version === 0;
    this.#cursor = sendsAll || watch.version === 0 ? call.store.revision : watch.version;
    this.#initial = sendsAll ? this.#initialLines() : this.#refusals();
    this.#ends.push(call.store.listen((change) => this.#notice(change)));
    this.#startTimers();
  }

  /** The collection that is watched. */
  get collection(): string {
    return this.#call.resource.collection;
  }

  /** Calls back when the watch has ended, whoever ended it. */
  onClose(callback: () => void): void {
    this.#ends.push(callback);
  }

  /** Whether the reader has taken all there is. */
  get isIdle(): boolean {
    return this.#isClosed || this.#wake !== undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<string>> {
    for (;;) {
      const line = this.#isClosed ? undefined : this.#take();
      if (line !== undefined) return { done: false, value: line };
      if (this.#isClosed || this.#isLast) return this.return();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  async return(): Promise<IteratorResult<string>> {
    this.close();
    return { done: true, value: undefined };
  }

  /** Ends the watch once it has told all that happened: its kind is served no more. */
  end(): void {
    this.#isLast = true;
    this.#wake?.();
  }

  /** Ends the watch, as a broken connection does. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends.splice(0)) end();
    this.#cancelBookmark();
    this.#wake?.();
  }

  #take(): string | undefined {
    if (this.#isInitial) {
      const { done, value } = this.#initial.next();
      if (done !== true) return value;
      this.#isInitial = false;
      if (this.#isLast) return undefined;
    }
    for (;;) {
      const change = this.#call.store.nextChange(this.#call.resource.collection, this.#cursor);
      if (change === "expired") return this.#refuse(this.#tooOld());
      if (change === undefined) break;
      this.#cursor = change.revision;
      const line = this.#lineOf(change);
      if (line !== undefined) return line;
    }
    this.#cursor = Math.max(this.#cursor, this.#call.store.revision);
    if (!this.#bookmarkDue) return undefined;
    this.#bookmarkDue = false;
    return this.#bookmark({});
  }

  *#initialLines(): Generator<string> {
    const { store, resource, name } = this.#call;
    const { version, show, selection } = this.#watch;
    if (version > store.revision) {
      yield this.#refuse(tooLargeVersion(String(version), String(store.revision)));
      return;
    }
    const snapshot = store.snapshot(resource.collection);
    // The collection may change while this is read; what is shown is the state at the start.
    const { first, end } = spanOf(this.#call, snapshot.keys, name === "" ? selection.name : name);
    const keys = snapshot.keys.between(first, end);
    const objects = Array.from(keys, (key) => (this.#isInScope(key) ? snapshot.get(key) : undefined));
    for (const stored of objects) {
      const object = stored === undefined ? undefined : resource.fromStored(stored);
      if (object !== undefined && selection.matches(object)) yield eventLine("ADDED", show(object));
    }
    if (this.#options.bookmarks) {
      yield this.#bookmark({ annotations: { "k8s.io/initial-events-end": "true" } }, snapshot.revision);
    }
  }

  *#refusals(): Generator<string> {
    if (this.#cursor < this.#call.store.compactedRevision) yield this.#refuse(this.#tooOld());
  }

  #tooOld(): Failure {
    return expired(`too old resource version: ${this.#cursor} (${this.#call.store.compactedRevision})`);
  }

  #refuse(failure: Failure): string {
    this.#isLast = true;
    return eventLine("ERROR", { ...failure.status });
  }

  #bookmark(metadata: JsonObject, revision: number = this.#cursor): string {
    const { resource } = this.#call;
    const object = { ...emptyObject(resource), metadata: { resourceVersion: String(revision), ...metadata } };
    return eventLine("BOOKMARK", this.#watch.show(object));
  }

  #lineOf({ key, previous, next, revision }: Change): string | undefined {
    if (!this.#isInScope(key)) return undefined;
    const { resource } = this.#call;
    const { selection, show } = this.#watch;
    const before = previous === undefined ? undefined : resource.fromStored(previous);
    const after = next === undefined ? undefined : resource.fromStored(next);
    const isIn = after !== undefined && selection.matches(after);
    const wasIn = before !== undefined && selection.matches(before);
    if (isIn) return eventLine(wasIn ? "MODIFIED" : "ADDED", show(after));
    if (!wasIn) return undefined;
    return eventLine("DELETED", show(lastOf(before, revision)));
  }

  #isInScope(key: string): boolean {
    const { namespace, name, resource } = this.#call;
    if (resource.scope === "Cluster") return name === "" || key === name;
    if (namespace !== "" && !key.startsWith(`${namespace}/`)) return false;
    return name === "" || key.endsWith(`/${name}`);
  }

  /** A reader that waits has seen all: changes of other collections only move it on. */
  #notice({ collection, revision }: Change): void {
    const wake = this.#wake;
    if (wake === undefined) return;
    if (collection !== this.#call.resource.collection) {
      this.#cursor = Math.max(this.#cursor, revision);
      return;
    }
    // It waits no longer, although it runs only later: what follows at once must not move it past this.
    this.#wake = undefined;
    wake();
  }

  #startTimers(): void {
    const { clock } = this.#call;
    const seconds = this.#options.timeoutSeconds ?? Math.round(1800 * (1 + clock.random()));
    this.#ends.push(
      clock.timer(seconds * 1000, () => {
        this.#isLast = true;
        this.#bookmarkDue ||= this.#options.bookmarks;
        this.#wake?.();
      }),
    );
    if (this.#options.bookmarks) this.#scheduleBookmark();
  }

  #scheduleBookmark(): void {
    this.#cancelBookmark = this.#call.clock.timer(bookmarkMs, () => {
      this.#bookmarkDue = true;
      this.#wake?.();
      if (!this.#isClosed) this.#scheduleBookmark();
    });
  }
}

const removed = new WeakMap<JsonObject, JsonObject>();

/** An object as it was before its last change, with the revision of that: the same for all watches, so that it is written once. */
function lastOf(before: JsonObject, revision: number): JsonObject {
  const known = removed.get(before);
  // Servers that begin alike share their first objects, and may delete them at revisions of their own.
  if (known !== undefined && at(known, "metadata", "resourceVersion") === String(revision)) return known;
  const last = freeze(withAt(before, ["metadata", "resourceVersion"], String(revision)));
  removed.set(before, last);
  return last;
}

function eventLine(type: string, object: JsonObject): string {
  return `{"type":"${type}","object":${formatJson(object)}}\n`;
}
