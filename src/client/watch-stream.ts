/** One open watch connection as a stream of events. */

import { emptyLine, joinLine, KindredError, splitLines, type WatchEvent, watchEventOf } from "../core/index.js";
import type { TransportResponse } from "./transport.js";
import { decodeObjects, decodeText } from "./utf8.js";

/** An event, or a line that is none: it is reported, and the stream goes on. */
export type WatchItem<T> =
  | { readonly type: "event"; readonly event: WatchEvent<T> }
  | { readonly type: "bad-line"; readonly error: Error };

/** An open watch. Leaving the loop closes its connection; an iterator serves one loop. */
export type WatchStream<T> = AsyncIterable<WatchItem<T>>;

/**
 * The events of a response. Leaving closes its connection, also if nothing was read.
 *
 * @throws KindredError `CONNECTION` when the connection breaks, `PROTOCOL` when it ends in the middle of a line.
 */
export function watchStream<T>(response: TransportResponse): AsyncIterableIterator<WatchItem<T>, void, undefined> {
  const items = readItems<T>(response);
  let begun = false;
  return {
    next() {
      begun = true;
      return items.next();
    },
    async return() {
      // A generator that has not begun has nothing to clean up after.
      if (!begun) await response.discard();
      return items.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Far more than etcd lets an object have (1.5 MiB by default); without a limit an endless line would fill the memory. */
const maxLineBytes = 64 << 20;

async function* readItems<T>(response: TransportResponse): AsyncGenerator<WatchItem<T>, void, undefined> {
  let rest = emptyLine;
  for await (const chunk of response.chunks()) {
    const split = splitLines(rest, chunk);
    rest = split.rest;
    if (rest.length > maxLineBytes) {
      throw new KindredError(
        "PROTOCOL",
        `the watch sent a line of more than ${maxLineBytes >> 20} MiB, which no object is: check the server of the kubeconfig's cluster`,
      );
    }
    for (const line of split.lines) yield readLine<T>(line);
  }
  if (rest.length > 0) {
    const start = decodeText(joinLine(rest)).slice(0, 40);
    throw new KindredError(
      "PROTOCOL",
      `the watch was cut in the middle of a line, after ${rest.length} bytes: ${start}`,
    );
  }
}

function readLine<T>(line: Uint8Array): WatchItem<T> {
  let event: WatchEvent<T> | undefined;
  try {
    event = watchEventOf<T>(decodeObjects(line));
  } catch (cause) {
    return { type: "bad-line", error: notAnEvent(line, cause) };
  }
  return event === undefined ? { type: "bad-line", error: notAnEvent(line) } : { type: "event", event };
}

/** Quotes no more than how an event begins: what follows may be a Secret. */
function notAnEvent(line: Uint8Array, cause?: unknown): KindredError<"PROTOCOL"> {
  const text = decodeText(line);
  const shown = text.length <= 80 ? text : `${text.slice(0, 80)}… (${text.length} characters)`;
  return new KindredError("PROTOCOL", `a line of the watch is not a watch event: ${shown}`, {
    cause: cause instanceof SyntaxError ? undefined : cause,
  });
}
