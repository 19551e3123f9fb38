/** What `kindred serve --data` has answered is there again, whenever the process is killed. */

import { join } from "node:path";
import { Client } from "kindred";
import { ConfigMap } from "kindred/resources/core/v1";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ServeProcess, startServe } from "../support/serve-process.js";
import { TempFolder } from "../support/temp-folder.js";

const rounds = 6;
const writers = 8;
const seed = 20_261_125;

/** What a name holds: a value and its resourceVersion, or nothing. */
type Held = { readonly value: string; readonly version: string } | undefined;

/** What is known of a name: what was answered last, and the value of a write that no answer has come to. */
interface Known {
  answered: Held;
  /** Null: a deletion. */
  open: string | null | undefined;
}

let folder: TempFolder;
let server: ServeProcess | undefined;

beforeEach(async () => {
  folder = await TempFolder.create();
});

afterEach(async () => {
  await server?.kill();
  await folder.remove();
});

const start = async (args: readonly string[]) => {
  const kubeconfig = join(folder.path, "kubeconfig");
  server = await startServe({ kubeconfig, args: ["--data", join(folder.path, "data"), ...args] });
  return { process: server, client: await Client.fromKubeconfig({ path: kubeconfig, retry: false }) };
};

/** mulberry32. */
function chance(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Creates, changes and deletes one name after the other until the server is gone. */
async function write(
  client: Client,
  names: readonly string[],
  { known, random, onAnswer }: WriterOptions,
): Promise<void> {
  const configMaps = client.api(ConfigMap).namespace("default");
  for (let i = 0; ; i++) {
    const name = names[Math.floor(random() * names.length)] ?? "";
    const about = known.get(name) ?? { answered: undefined, open: undefined };
    known.set(name, about);
    const isThere = about.answered !== undefined;
    const value = isThere && random() < 0.3 ? null : `${name} ${i} ${"x".repeat(Math.floor(random() * 3000))}`;
    about.open = value;
    const object = { metadata: { name }, data: { value: value ?? "" } };
    if (value === null) {
      await configMaps.delete(name);
      about.answered = undefined;
    } else {
      const stored = isThere
        ? await configMaps.apply(object, { manager: "test", force: true })
        : await configMaps.create(object);
      about.answered = { value, version: stored.metadata.resourceVersion };
    }
    about.open = undefined;
    onAnswer();
  }
}

interface WriterOptions {
  readonly known: Map<string, Known>;
  readonly random: () => number;
  readonly onAnswer: () => void;
}

test("every write that was answered is there after kill -9, at its version, and versions go on from there", {
  timeout: 120_000,
}, async () => {
  const random = chance(seed);
  const known = new Map<string, Known>();
  let answers = 0;
  for (let round = 0; round < rounds; round++) {
    const { process, client } = await start(round % 2 === 0 ? [] : ["--fsync"]);
    const configMaps = client.api(ConfigMap).namespace("default");
    const before = await configMaps.page();
    compare(known, before.items, round);
    let left = 1 + Math.floor(random() * 150);
    const killed = new Promise<void>((resolve) => {
      const onAnswer = () => {
        answers++;
        if (--left === 0) resolve(process.kill());
      };
      for (let writer = 0; writer < writers; writer++) {
        const names = Array.from({ length: 5 }, (_, i) => `w${writer}-${i}`);
        // It ends when the connection breaks.
        write(client, names, { known, random, onAnswer }).catch((error: unknown) => {
          if (!(error instanceof Error && "code" in error && error.code === "CONNECTION")) throw error;
        });
      }
    });
    await killed;
    await client[Symbol.asyncDispose]();
  }
  const { client } = await start([]);
  const configMaps = client.api(ConfigMap).namespace("default");
  const end = await configMaps.page();
  compare(known, end.items, rounds);
  const latest = Math.max(...[...known.values()].map(({ answered }) => Number(answered?.version ?? 0)));
  expect(Number(end.metadata.resourceVersion)).toBeGreaterThanOrEqual(latest);
  const next = await configMaps.create({ metadata: { name: "next" } });
  expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(latest);
  expect(answers).toBeGreaterThan(rounds * 10);
  await client[Symbol.asyncDispose]();
});

/** Every name holds what was answered, or what a write without an answer was about to make of it; and that is known from now on. */
function compare(known: Map<string, Known>, items: readonly Item[], round: number): void {
  const found = new Map(items.map((item) => [item.metadata.name, item]));
  for (const [name, about] of known) {
    const item = found.get(name);
    const held: Held =
      item === undefined ? undefined : { value: item.data?.["value"] ?? "", version: item.metadata.resourceVersion };
    const isOpen = about.open !== undefined && (held?.value ?? null) === about.open;
    if (!isOpen) expect(held, `${name} in round ${round}`).toEqual(about.answered);
    known.set(name, { answered: held, open: undefined });
  }
}

interface Item {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data?: { readonly [key: string]: string };
}

test("a folder that a server uses is not given to another one", async () => {
  await start([]);
  await expect(
    startServe({ kubeconfig: join(folder.path, "other"), args: ["--data", join(folder.path, "data")] }),
  ).rejects.toThrow(/kindred serve ended with 1:\n.*data is in use by process \d+: stop it or name another folder/);
});

test("Ctrl-C ends it in order, and the folder is free again", async () => {
  const { process, client } = await start([]);
  await client
    .api(ConfigMap)
    .namespace("default")
    .create({ metadata: { name: "a" } });
  await client[Symbol.asyncDispose]();
  expect(await process.stop()).toBe(0);
  const again = await start([]);
  expect(again.process.log()).toMatch(/restored \d+ objects from/);
  expect((await again.client.api(ConfigMap).namespace("default").get("a")).metadata.name).toBe("a");
  await again.client[Symbol.asyncDispose]();
});
