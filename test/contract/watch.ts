/** A watch of the server under test: its events, one at a time. */

import { at, text } from "./json.js";
import type { WireAnswer } from "./wire.js";

/** An event of a watch. */
export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** An open watch. */
export interface Watch {
  readonly status: number;
  header(name: string): string | undefined;
  /** The next event. Throws if the stream ends before it, or if none comes in time. */
  next(): Promise<WatchEvent>;
  /** The next events. */
  take(count: number): Promise<readonly WatchEvent[]>;
  /** The events until one of a type, which is the last. */
  until(type: string): Promise<readonly WatchEvent[]>;
  /** All events until the server ends the stream. */
  rest(): Promise<readonly WatchEvent[]>;
  close(): void;
}

interface WatchHooks {
  readonly close: () => void;
  readonly onLine: (line: string) => void;
}

/** Reads an answer as a watch: a JSON document a line. */
export function openWatch(answer: WireAnswer, { close, onLine }: WatchHooks): Watch {
  const events = eventsOf(answer.body, onLine);
  const next = async (): Promise<WatchEvent> => {
    const result = await events.next();
    if (result.done === true) throw new Error("the watch ended before the event that was awaited");
    return result.value;
  };
  return {
    status: answer.status,
    header: (name) => answer.headers.get(name)?.[0],
    next,
    async take(count) {
      const taken: WatchEvent[] = [];
      while (taken.length < count) taken.push(await next());
      return taken;
    },
    async until(type) {
      const taken: WatchEvent[] = [];
      do taken.push(await next());
      while (taken.at(-1)?.type !== type);
      return taken;
    },
    async rest() {
      const taken: WatchEvent[] = [];
      for await (const event of events) taken.push(event);
      return taken;
    },
    close,
  };
}

/** `ADDED a`: an event by its type and its object's name. */
export function brief({ type, object }: WatchEvent): string {
  return `${type} ${text(object, "metadata", "name")}`;
}

/** An event's resourceVersion, as the number that the server orders by. */
export function revisionOf({ object }: WatchEvent): bigint {
  return BigInt(text(object, "metadata", "resourceVersion"));
}

async function* eventsOf(body: WireAnswer["body"], onLine: WatchHooks["onLine"]): AsyncGenerator<WatchEvent> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of body) {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      onLine(line);
      const event: unknown = JSON.parse(line);
      yield { type: text(event, "type"), object: at(event, "object") };
    }
  }
  if (pending !== "") throw new Error(`the watch ended within a line: ${pending}`);
}
