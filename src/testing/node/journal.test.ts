/** What a journal keeps, over the ends of processes that did not say goodbye. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TempFolder } from "../../../test/support/temp-folder.js";
import type { JsonObject } from "../json.js";
import { Store } from "../store/store.js";
import { Journal, type JournalOptions } from "./journal.js";

let temp: TempFolder;
let folder: string;

beforeEach(async () => {
  temp = await TempFolder.create();
  folder = join(temp.path, "data");
});

afterEach(() => temp.remove());

const newStore = () => new Store({ now: () => 0 });
const object = (data: unknown): JsonObject => ({ kind: "ConfigMap", metadata: { name: "a" }, data });

interface Opened extends Disposable {
  readonly store: Store;
  readonly journal: Journal;
}

function open(options: Partial<JournalOptions> = {}): Opened {
  const store = newStore();
  const onFailure = (error: Error) => {
    throw error;
  };
  const journal = Journal.open(store, { folder, onFailure, ...options });
  return { store, journal, [Symbol.dispose]: () => journal[Symbol.dispose]() };
}

const file = () => join(folder, "state.jsonl");

/** What a process that is killed leaves behind. */
function leave(write: (store: Store) => void): void {
  using opened = open();
  write(opened.store);
}

describe("a journal", () => {
  test("gives a new store the objects of the old one, their versions and the counter of revisions", () => {
    leave((store) => {
      store.put("configmaps", "default/a", object({ x: 1 }));
      store.put("configmaps", "default/b", object({ x: 2 }));
      store.put("configmaps", "default/a", object({ x: 3 }));
      store.put("secrets", "default/c", object({}));
      store.remove("configmaps", "default/b");
    });
    using again = open();
    expect([...again.store.entries()]).toEqual([
      {
        collection: "configmaps",
        key: "default/a",
        object: { kind: "ConfigMap", metadata: { name: "a", resourceVersion: "3" }, data: { x: 3 } },
      },
      {
        collection: "secrets",
        key: "default/c",
        object: { kind: "ConfigMap", metadata: { name: "a", resourceVersion: "4" }, data: {} },
      },
    ]);
    expect(again.store.revision).toBe(5);
    expect(again.journal.objects).toBe(2);
    expect(again.store.put("secrets", "default/c", object({}))["metadata"]).toMatchObject({ resourceVersion: "6" });
  });

  test("keeps integers beyond 2^53, texts of any script, and fields with names of JavaScript's own", () => {
    const data = JSON.parse('{"__proto__":{"a":1},"constructor":"x","text":"\\u2028 \\ud83d\\ude00 ß"}') as JsonObject;
    leave((store) => store.put("c", "a", object({ ...data, big: 9_223_372_036_854_775_807n })));
    using again = open();
    const kept = again.store.get("c", "a")?.["data"] as JsonObject;
    expect(kept["big"]).toBe(9_223_372_036_854_775_807n);
    expect(kept["text"]).toBe("\u2028 \ud83d\ude00 ß");
    expect(kept["constructor"]).toBe("x");
  });

  test("has a change in its file before the store tells of it", () => {
    using opened = open();
    opened.store.put("c", "a", object("before anybody knows"));
    expect(readFileSync(file(), "utf8")).toContain("before anybody knows");
    opened.store.remove("c", "a");
    expect(readFileSync(file(), "utf8")).toContain('"key":"a","object":null}\n');
  });

  test.each([1, 5, 30])("drops a last line that lacks its last %i bytes, and says how much it dropped", (missing) => {
    leave((store) => {
      store.put("c", "a", object(1));
      store.put("c", "b", object(2));
    });
    const { size } = statSync(file());
    const lastLine = readFileSync(file(), "utf8").trimEnd().split("\n").at(-1) ?? "";
    truncateSync(file(), size - missing);
    using again = open();
    expect(again.store.get("c", "a")).toBeDefined();
    expect(again.store.get("c", "b")).toBeUndefined();
    expect(again.journal.tornBytes).toBe(lastLine.length + 1 - missing);
    // And goes on from there, with a whole line.
    again.store.put("c", "d", object(4));
    expect(readFileSync(file(), "utf8").endsWith("\n")).toBe(true);
  });

  test("drops a tail of zeros, as a machine without power may leave it", () => {
    leave((store) => store.put("c", "a", object(1)));
    appendFileSync(file(), Buffer.alloc(4096));
    using again = open();
    expect(again.store.get("c", "a")).toBeDefined();
    expect(again.journal.tornBytes).toBe(4096);
  });

  test("refuses a file that is damaged in its middle, and names the line and the cure", () => {
    leave((store) => {
      store.put("c", "a", object(1));
      store.put("c", "b", object(2));
    });
    const lines = readFileSync(file(), "utf8").split("\n");
    writeFileSync(file(), [lines[0], "rubbish", ...lines.slice(2)].join("\n"));
    expect(() => open()).toThrow(`${file()} is damaged at line 2: restore it from a copy, or keep the 1 lines`);
    expect(readdirSync(folder)).not.toContain("lock");
  });

  test("touches no file that is not its own", () => {
    mkdirSync(folder);
    writeFileSync(file(), "somebody else's\n");
    expect(() => open()).toThrow("is no journal of this kindred: name another folder");
    expect(readFileSync(file(), "utf8")).toBe("somebody else's\n");
  });

  test("writes itself anew when it has grown, and loses nothing by it", () => {
    {
      using opened = open({ compactAfterBytes: 2000 });
      for (let i = 0; i < 200; i++) opened.store.put("c", `k${i % 3}`, object(i));
      expect(statSync(file()).size).toBeLessThan(3000);
    }
    using again = open();
    expect(again.store.revision).toBe(200);
    expect(["k0", "k1", "k2"].map((key) => again.store.get("c", key)?.["data"])).toEqual([198, 199, 197]);
  });

  test("keeps what is newer than a rewriting that was never finished", () => {
    leave((store) => store.put("c", "a", object(1)));
    writeFileSync(`${file()}.new`, '{"kindred":"journal","format":1,"revi');
    using again = open();
    expect(again.store.get("c", "a")).toBeDefined();
  });

  test("is readable by its owner only: there are Secrets in it", () => {
    leave((store) => store.put("c", "a", object(1)));
    expect(statSync(file()).mode & 0o077).toBe(0);
    expect(statSync(folder).mode & 0o077).toBe(0);
  });

  test("can wait for the disk with every write", () => {
    using opened = open({ outlives: "machine" });
    opened.store.put("c", "a", object(1));
    expect(readFileSync(file(), "utf8")).toContain('"key":"a"');
  });
});

describe("a folder", () => {
  test("has one process at a time", () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "lock"), `${process.ppid}\n`);
    expect(() => open()).toThrow(`${folder} is in use by process ${process.ppid}: stop it or name another folder`);
  });

  test.each(["4194304\n", "", `${process.pid}\n`])("is taken over from an owner that lives no more: %j", (owner) => {
    mkdirSync(folder);
    writeFileSync(join(folder, "lock"), owner);
    using opened = open();
    expect(readFileSync(join(folder, "lock"), "utf8")).toBe(`${process.pid}\n`);
    expect(opened.store.revision).toBe(0);
  });

  test.runIf(process.platform === "linux")(
    "is taken over from an owner that was killed and that nobody reaps",
    async () => {
      // The shell's child ends, and what the shell becomes never asks how.
      const parent = spawn("sh", ["-c", "true & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "inherit"] });
      try {
        const [owner] = await once(parent.stdout.setEncoding("utf8"), "data");
        const path = `/proc/${String(owner).trim()}/stat`;
        while (!readFileSync(path, "utf8").includes(") Z ")) await new Promise((resolve) => setImmediate(resolve));
        mkdirSync(folder);
        writeFileSync(join(folder, "lock"), String(owner));
        using _opened = open();
        expect(readFileSync(join(folder, "lock"), "utf8")).toBe(`${process.pid}\n`);
      } finally {
        parent.kill();
      }
    },
  );

  test("is free again when the journal is closed", () => {
    leave(() => undefined);
    expect(readdirSync(folder)).toEqual(["state.jsonl"]);
  });

  test("is made with those above it", () => {
    folder = join(temp.path, "not", "there", "yet");
    using opened = open();
    expect(opened.store.revision).toBe(0);
  });

  test.runIf(process.platform === "linux")("that the system will not have is an error, and no endless attempt", () => {
    folder = "/proc/kindred/data";
    expect(() => open()).toThrow("cannot keep state in /proc/kindred/data: ENOENT");
  });

  test("that cannot be one is named in the error", () => {
    writeFileSync(folder, "a file");
    expect(() => open()).toThrow(`cannot keep state in ${folder}`);
  });
});

test("a disk that takes no more fails the write, tells so, and fails every write from then on", () => {
  const failures: string[] = [];
  const opened = open({ onFailure: (error) => failures.push(error.message) });
  // No file can be there: the rewriting that is due fails.
  mkdirSync(`${file()}.new`);
  const { store } = opened;
  const fill = () => {
    for (let i = 0; i < 100; i++) store.put("c", "a", object("x".repeat(400_000)));
  };
  expect(fill).toThrow("nothing is acknowledged from here on");
  expect(failures).toHaveLength(1);
  expect(() => store.put("c", "b", object(1))).toThrow(`cannot write ${file()}`);
  expect(failures).toHaveLength(1);
});
