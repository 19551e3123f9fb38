/** Kubernetes events: what a controller did to an object, for people who run `kubectl describe`. */

import type { Client } from "../client/index.js";
import { formatMicroTime, isNotFound } from "../core/index.js";
import { Event } from "../resources/events.k8s.io/v1.js";
import { type Clock, systemClock } from "./clock.js";
import { keyOf, type ObjectRef } from "./object-ref.js";

/** What happened. */
export interface EventNote {
  readonly type: "Normal" | "Warning";
  /** Why, in upper camel case: `Scaled`. At most 128 bytes. */
  readonly reason: string;
  /** What was done, in upper camel case: `Reconcile`. At most 128 bytes. */
  readonly action: string;
  /** For humans; cut at 1024 bytes. */
  readonly note?: string | undefined;
  /** Another object that has to do with it. */
  readonly related?: EventSubject | undefined;
}

/** An object that an event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectRef & { readonly uid: string };
}

/** Who reports. */
export interface EventRecorderOptions {
  /** The controller, domain-qualified: `example.dev/configmap-generator`. */
  readonly controller: string;
  /** The replica, such as the pod's name. Default: the controller. */
  readonly instance?: string | undefined;
  readonly clock?: Clock | undefined;
}

/** Records events. */
export interface EventRecorder {
  /**
   * Records that something happened to `subject`. The same again within six minutes counts up a series instead of adding an event.
   *
   * @throws ApiError, for one if RBAC does not allow to create and patch `events.events.k8s.io`.
   */
  record(
    subject: EventSubject,
    note: EventNote,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void>;
}

/** How long an event takes up repetitions, as client-go's. */
const seriesMs = 6 * 60_000;
/** How many series are remembered. */
const seriesLimit = 4096;
const noteLimit = 1024;

interface Series {
  readonly name: string;
  readonly namespace: string;
  count: number;
  lastAt: number;
}

/**
 * A recorder of events.
 *
 * @example
 * ```ts
 * const events = eventRecorder(client, { controller: "example.dev/cmg" });
 * await events.record(cmg, { type: "Normal", reason: "Generated", action: "Reconcile", note: "made the ConfigMap" });
 * ```
 */
export function eventRecorder(client: Client, options: EventRecorderOptions): EventRecorder {
  const clock = options.clock ?? systemClock;
  const known = new Map<string, Series>();
  const events = client.api(Event);

  const remember = (key: string, series: Series) => {
    known.delete(key);
    known.set(key, series);
    const [oldest] = known.keys();
    if (known.size > seriesLimit && oldest !== undefined) known.delete(oldest);
  };

  const create = async (subject: EventSubject, note: EventNote, signal: AbortSignal | undefined): Promise<Series> => {
    const namespace = subject.metadata.namespace ?? "default";
    const created = await events.namespace(namespace).create(
      {
        metadata: { generateName: `${subject.metadata.name.slice(0, 200)}-` },
        eventTime: formatMicroTime(clock.date()),
        reportingController: options.controller,
        reportingInstance: options.instance ?? options.controller,
        action: note.action,
        reason: note.reason,
        type: note.type,
        regarding: referenceTo(subject),
        ...(note.note !== undefined && { note: cut(note.note) }),
        ...(note.related !== undefined && { related: referenceTo(note.related) }),
      },
      { signal },
    );
    return { name: created.metadata.name, namespace, count: 1, lastAt: clock.now() };
  };

  /** @returns false if the event is gone: events live for an hour. */
  const countUp = async (series: Series, signal: AbortSignal | undefined): Promise<boolean> => {
    const count = series.count + 1;
    const body = { series: { count, lastObservedTime: formatMicroTime(clock.date()) } };
    try {
      await events.namespace(series.namespace).patch(series.name, { type: "merge", body }, { signal });
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
    series.count = count;
    series.lastAt = clock.now();
    return true;
  };

  return {
    async record(subject, note, { signal } = {}) {
      const key = keyOfEvent(subject, note);
      const series = known.get(key);
      const fresh = series !== undefined && clock.now() - series.lastAt < seriesMs;
      if (fresh && (await countUp(series, signal))) remember(key, series);
      else remember(key, await create(subject, note, signal));
    },
  };
}

/** Everything but the note: two notes about the same thing are one series, which keeps the first. */
function keyOfEvent(subject: EventSubject, note: EventNote): string {
  const related = note.related === undefined ? "" : `${note.related.kind} ${note.related.metadata.uid}`;
  return [
    subject.kind,
    subject.metadata.uid,
    keyOf(subject.metadata),
    note.type,
    note.reason,
    note.action,
    related,
  ].join("\n");
}

function referenceTo({ apiVersion, kind, metadata }: EventSubject) {
  const { name, namespace, uid } = metadata;
  return { apiVersion, kind, name, uid, ...(namespace !== undefined && { namespace }) };
}

/** To the limit in bytes, without cutting a character in two: none has more than four bytes in UTF-8, nor three per UTF-16 unit. */
function cut(text: string): string {
  if (text.length * 3 <= noteLimit) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > noteLimit - 3) return `${text.slice(0, end)}…`;
    end += character.length;
  }
  return text;
}
