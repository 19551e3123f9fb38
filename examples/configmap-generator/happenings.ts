/** What happens to the objects of the example, as anybody with a watch can see it. */

import { type Client, type NamespacedObject, watcher, type WatcherEvent } from "kindred";
import { ConfigMap } from "kindred/resources/core/v1";
import { ConfigMapGenerator } from "./controller.js";

/** One change of one object. */
export interface Happening {
  readonly kind: "ConfigMapGenerator" | "ConfigMap";
  readonly name: string;
  readonly change: "is there" | "created" | "changed" | "deleted";
  /** What it asks for, or holds. */
  readonly content: string;
  /** Who wrote the content last, as the API server recorded it; undefined for a deletion, of which no record is kept. */
  readonly by: string | undefined;
}

/** Changes of ConfigMapGenerators in a namespace. */
export async function* generatorHappenings(
  client: Client,
  namespace: string,
  signal: AbortSignal,
): AsyncGenerator<Happening> {
  const events = watcher(client.api(ConfigMapGenerator).namespace(namespace), { signal });
  yield* happenings("ConfigMapGenerator", events, (object) => object.spec.content);
}

/** Changes of the ConfigMaps that ConfigMapGenerators own in a namespace. */
export async function* configMapHappenings(
  client: Client,
  namespace: string,
  signal: AbortSignal,
): AsyncGenerator<Happening> {
  const events = watcher(client.api(ConfigMap).namespace(namespace), { signal });
  yield* happenings("ConfigMap", events, (object) =>
    object.metadata.ownerReferences?.some(({ kind }) => kind === "ConfigMapGenerator") === true
      ? (object.data?.["content"] ?? "")
      : undefined,
  );
}

/** @param contentOf undefined for objects that are none of the story's. */
async function* happenings<T extends NamespacedObject>(
  kind: Happening["kind"],
  events: AsyncIterable<WatcherEvent<T>>,
  contentOf: (object: T) => string | undefined,
): AsyncGenerator<Happening> {
  const known = new Map<string, string>();
  for await (const event of events) {
    if (event.type !== "init-apply" && event.type !== "apply" && event.type !== "delete") continue;
    const { object } = event;
    const content = contentOf(object);
    if (content === undefined) continue;
    const { name, uid } = object.metadata;
    const before = known.get(uid);
    if (event.type === "delete") {
      known.delete(uid);
      yield { kind, name, content, change: "deleted", by: undefined };
      continue;
    }
    known.set(uid, content);
    // A status or a label is not what this story is about.
    if (before === content) continue;
    const change = before !== undefined ? "changed" : event.type === "apply" ? "created" : "is there";
    yield { kind, name, content, change, by: writerOf(object) };
  }
}

/** The manager that owns the field, which is the last one who changed it. */
function writerOf({ metadata }: NamespacedObject): string | undefined {
  return metadata.managedFields?.find(({ fieldsV1 }) =>
    /"f:(?:spec|data)":\{[^}]*"f:content"/.test(JSON.stringify(fieldsV1)),
  )?.manager;
}
