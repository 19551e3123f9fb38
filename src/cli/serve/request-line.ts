/** A request as a line of the log. */

import type { Answered } from "../../testing/node/index.js";

/** `13:05:01 200 GET    /api/v1/namespaces?limit=500  2 ms  kubectl`: times are local; a watch is told when it ends. */
export function formatRequest({ method, url, status, durationMs, userAgent, events }: Answered, now: Date): string {
  const client = userAgent.split("/", 1)[0] ?? "";
  const watched = events === undefined ? "" : `  watch ended, ${events} ${events === 1 ? "event" : "events"}`;
  return [
    now.toTimeString().slice(0, 8),
    // The client left before it had an answer.
    status === 0 ? "---" : String(status),
    method.padEnd(6),
    `${printable(url)}  ${formatDuration(durationMs)}${watched}${client === "" ? "" : `  ${printable(client)}`}`,
  ].join(" ");
}

function formatDuration(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** What clients send must not steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?");
}
