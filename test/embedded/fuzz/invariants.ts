/** What holds of a server's state whatever was asked of it. */

import { expect } from "vitest";
import { type ApiServer, type Change, type JsonObject, parsePath } from "../../../src/testing/index.js";

/** Follows every change of a store, and sees that revisions only rise, and that each change continues the one before. */
export class Observer implements Disposable {
  readonly #objects = new Map<string, JsonObject>();
  readonly #stop: () => void;
  #last: number;

  constructor({ store }: ApiServer) {
    this.#last = store.revision;
    for (const { collection, key, object } of store.entries()) this.#objects.set(`${collection} ${key}`, object);
    this.#stop = store.listen((change) => this.#see(change));
  }

  /** The objects that the changes add up to, by collection and key. */
  get objects(): ReadonlyMap<string, JsonObject> {
    return this.#objects;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #see({ collection, key, previous, next, revision }: Change): void {
    const id = `${collection} ${key}`;
    expect(revision, id).toBe(this.#last + 1);
    expect(previous, id).toBe(this.#objects.get(id));
    this.#last = revision;
    if (next === undefined) this.#objects.delete(id);
    else this.#objects.set(id, next);
  }
}

/** Every stored object can be read under its own path, as its list has it, and is what its changes add up to. */
export async function checkState(server: ApiServer, observer: Observer): Promise<void> {
  const stored = new Map(
    [...server.store.entries()].map(({ collection, key, object }) => [`${collection} ${key}`, object]),
  );
  expect(stored).toEqual(new Map(observer.objects));
  for (const resource of server.registry.all()) {
    if (!resource.verbs.includes("list")) continue;
    const prefix = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
    const list = await read(server, `${prefix}/${resource.plural}`);
    const items = Array.isArray(list["items"]) ? list["items"] : [];
    const keys = server.store.snapshot(resource.collection).keys;
    expect(items.length, resource.plural).toBe(resource.plural === "componentstatuses" ? items.length : keys.size);
    for (const item of items) await checkItem(server, prefix, { plural: resource.plural, item });
  }
}

async function checkItem(
  server: ApiServer,
  prefix: string,
  { plural, item }: { readonly plural: string; readonly item: unknown },
): Promise<void> {
  const { metadata } = asObject(item);
  const { name, namespace, uid, resourceVersion } = asObject(metadata);
  if (plural === "componentstatuses") return;
  const place = typeof namespace === "string" ? `${prefix}/namespaces/${namespace}` : prefix;
  const path = `${place}/${plural}/${encodeURIComponent(String(name))}`;
  expect(parsePath(path), path).toMatchObject({ plural, name });
  const own = await read(server, path);
  expect(own["metadata"], path).toEqual(metadata);
  expect(typeof uid, path).toBe("string");
  expect(Number(resourceVersion), path).toBeLessThanOrEqual(server.store.revision);
}

async function read(server: ApiServer, url: string): Promise<JsonObject> {
  const { status, body } = await server.handle({ method: "GET", url, headers: {} });
  expect([status, typeof body], url).toEqual([200, "string"]);
  return asObject(JSON.parse(typeof body === "string" ? body : "{}"));
}

function asObject(value: unknown): JsonObject {
  expect(typeof value === "object" && value !== null && !Array.isArray(value), JSON.stringify(value)).toBe(true);
  return Object.fromEntries(Object.entries(Object(value)));
}
