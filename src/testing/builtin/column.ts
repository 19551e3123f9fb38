/** The pieces that columns of `kubectl get` are made of. */

import { parseTime } from "../clock.js";
import { at, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { nameOf } from "../request.js";
import type { Column } from "../resource.js";

/** A column of texts; priority 1 is for `-o wide`. */
export const text = (name: string, value: (object: JsonObject) => unknown, priority = 0): Column => ({
  name,
  type: "string",
  priority,
  value: (object) => value(object) ?? "",
});

/** A column of whole numbers; none is 0. */
export const number = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: "integer",
  value: (object) => at(object, ...path) ?? 0,
});

export const nameColumn: Column = { name: "Name", type: "string", format: "name", value: nameOf };
export const age: Column = { name: "Age", type: "string", value: (object, now) => ageOf(object, now) };

/** The column of kinds that have none of their own. */
export const createdAt: Column = {
  name: "Created At",
  type: "date",
  value: (object) => at(object, "metadata", "creationTimestamp"),
};

/** How long ago an object was created, as people say it. */
export function ageOf(object: JsonObject, now: number): string {
  const since = parseTime(at(object, "metadata", "creationTimestamp"));
  return since === undefined ? "<unknown>" : formatAge(now - since);
}

/** A duration in its one or two largest units: `5m30s`, `3d4h`. */
export function formatAge(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 120) return `${Math.max(seconds, 0)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 && days % 365 !== 0 ? `${years}y${days % 365}d` : `${years}y`;
}

/** The containers of a template of pods. */
export const containers = (object: JsonObject) =>
  listOf(at(object, "spec", "template", "spec", "containers")).map(objectOf);

/** What `-o wide` adds to kinds that have a template of pods. */
export const workloadWide = [
  text(
    "Containers",
    (object) =>
      containers(object)
        .map((found) => textOf(found["name"]))
        .join(","),
    1,
  ),
  text(
    "Images",
    (object) =>
      containers(object)
        .map((found) => textOf(found["image"]))
        .join(","),
    1,
  ),
  text("Selector", (object) => formatLabels(at(object, "spec", "selector", "matchLabels")), 1),
];

/** `a=b,c=d`, or `<none>`. */
export function formatLabels(labels: unknown): string {
  const pairs = Object.entries(objectOf(labels)).map(([key, value]) => `${key}=${textOf(value)}`);
  return pairs.length === 0 ? "<none>" : pairs.join(",");
}
