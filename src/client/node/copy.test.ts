import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExecResult, Execution, Streams } from "../index.js";
import { copyFromPod, type CopyOptions, copyToPod } from "./copy.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kindred-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Entry {
  readonly path: string;
  readonly content?: string;
  /** `5` a folder, `2` a symbolic link, `1` a hard link, `3` a device. Default a file. */
  readonly type?: string;
  readonly link?: string;
}

/** An archive as a container that means harm may send it. @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
function archive(...entries: readonly Entry[]): Uint8Array {
  const blocks = entries.flatMap(({ path, content = "", type = "0", link = "" }) => {
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write("0000644\0", 100);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return [header, body];
  });
  return new Uint8Array(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** Pods whose `tar` sends this. */
function sending(
  bytes: Uint8Array | { readonly again: Uint8Array },
  ending: {
    readonly result?: ExecResult;
    readonly stderr?: string;
    readonly failure?: Error;
    /** What becomes of input. */
    readonly refusal?: Error;
  } = {},
) {
  const state = { released: false, command: [] as readonly string[] };
  const exec: Streams["exec"] = async <const I extends boolean, const T extends boolean>(
    _name: string,
    { command }: { readonly command: readonly string[] },
  ) => {
    state.command = command;
    let finish = (_result: ExecResult) => {};
    let fail = (_error: Error) => {};
    const result = new Promise<ExecResult>((resolve, reject) => {
      [finish, fail] = [resolve, reject];
    });
    result.catch(() => {});
    const stdout = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if ("again" in bytes) return controller.enqueue(bytes.again);
        if (ending.failure !== undefined) {
          fail(ending.failure);
          return controller.error(ending.failure);
        }
        controller.enqueue(bytes);
        controller.close();
        finish(ending.result ?? { exitCode: 0 });
      },
    });
    const run = {
      stdin: new WritableStream({
        write: () => (ending.refusal === undefined ? undefined : Promise.reject(ending.refusal)),
      }),
      stdout,
      stderr: new Response(ending.stderr ?? "").body,
      resize: undefined,
      result,
      ended: result.then(() => {}),
      output: () => Promise.reject(new Error("not here")),
      [Symbol.asyncDispose]: async () => {
        state.released = true;
        fail(new Error("disposed"));
      },
    };
    run.ended.catch(() => {});
    return run as unknown as Execution<I, T>;
  };
  return { exec, state };
}

const inside = () => join(folder, "to", "it");
const copy = (pods: Pick<Streams, "exec">, options: Partial<CopyOptions> = {}) =>
  copyFromPod(pods, "web", { from: "/data/it", to: inside(), ...options });

describe("from a container that sends an archive that escapes, nothing is written outside", () => {
  const outside = ["evil", "to/evil"];
  const escapes: readonly (readonly [string, readonly Entry[]])[] = [
    ["a parent", [{ path: "../evil", content: "evil" }]],
    ["a parent further in", [{ path: "./it/../../evil", content: "evil" }]],
    ["a brother", [{ path: "./evil", content: "evil" }]],
    ["an absolute path", [{ path: "/evil", content: "evil" }]],
    ["a parent of a folder", [{ path: "./it/a/../../../evil/", type: "5" }]],
  ];
  it.each(escapes)("%s", async (_title, entries) => {
    const { exec, state } = sending(archive({ path: "./it/", type: "5" }, ...entries));
    await expect(copy({ exec })).rejects.toMatchObject({
      code: "PROTOCOL",
      message: expect.stringContaining("which is not in there"),
    });
    for (const path of outside) expect(existsSync(join(folder, path))).toBe(false);
    expect(state.released).toBe(true);
  });

  const links: readonly (readonly [string, Entry])[] = [
    ["a symbolic link", { path: "./it/link", type: "2", link: ".." }],
    ["an absolute symbolic link", { path: "./it/link", type: "2", link: "/tmp" }],
    ["a hard link", { path: "./it/link", type: "1", link: "./it/../../secret" }],
    ["a device", { path: "./it/link", type: "3" }],
  ];
  it.each(links)("%s is not made, and what goes through it stays inside", async (_title, link) => {
    writeFileSync(join(folder, "secret"), "secret");
    const { exec } = sending(archive({ path: "./it/", type: "5" }, link, { path: "./it/link/evil", content: "evil" }));
    expect(await copy({ exec })).toEqual({ skipped: ["link"] });
    expect(lstatSync(join(inside(), "link")).isDirectory()).toBe(true);
    expect(readFileSync(join(inside(), "link", "evil"), "utf8")).toBe("evil");
    for (const path of outside) expect(existsSync(join(folder, path))).toBe(false);
  });

  it("a link that is there already is not followed", async () => {
    mkdirSync(join(folder, "elsewhere"));
    mkdirSync(inside(), { recursive: true });
    symlinkSync(join(folder, "elsewhere"), join(inside(), "link"));
    const { exec } = sending(archive({ path: "./it/link/evil", content: "evil" }));
    await expect(copy({ exec })).rejects.toThrow(/^copying .* Cannot extract through symbolic link/);
    expect(existsSync(join(folder, "elsewhere", "evil"))).toBe(false);
  });
});

describe("what goes wrong is told", () => {
  it.each([
    ["that escapes", archive({ path: "./other", content: "x" }).subarray(0, 1024), "which is not in there"],
    ["of garbage", new Uint8Array(1024).fill(65), "TAR_ENTRY_INVALID"],
  ])("an archive without end %s, and the container is let go", async (_title, again, message) => {
    const { exec, state } = sending({ again });
    await expect(copy({ exec })).rejects.toMatchObject({ code: "PROTOCOL", message: expect.stringContaining(message) });
    expect(state.released).toBe(true);
  });

  it.each([
    ["no archive", Buffer.from("tar: what?\n".repeat(100)), "TAR_"],
    ["half an archive", archive({ path: "./it", content: "x".repeat(5000) }).subarray(0, 2048), "Truncated"],
  ])("%s", async (_title, bytes, message) => {
    const { exec } = sending(bytes);
    await expect(copy({ exec })).rejects.toMatchObject({ code: "PROTOCOL", message: expect.stringContaining(message) });
  });

  it("in the words of the container's tar, if it failed", async () => {
    const stderr = "tar: ./it: Cannot stat: No such file or directory\n";
    const { exec } = sending(Buffer.alloc(10_240), { result: { exitCode: 2 }, stderr });
    await expect(copy({ exec })).rejects.toMatchObject({
      code: "COMMAND",
      message: `copying /data/it of pod "web" to ${inside()}: tar ended with exit code 2: ${stderr.trim()}`,
    });
  });

  it("as it is, if the connection broke", async () => {
    const failure = new Error("the connection was cut");
    await expect(copy(sending(Buffer.alloc(0), { failure }))).rejects.toBe(failure);
  });
});

describe("a container that takes no more", () => {
  const broken = { failure: new Error("the connection was cut"), refusal: new Error("EPIPE") };
  const send = (stderr: string) => {
    writeFileSync(join(folder, "big"), Buffer.alloc(1_000_000));
    return copyToPod(sending(new Uint8Array(), { ...broken, stderr }), "web", {
      from: join(folder, "big"),
      to: "/none/it",
    });
  };

  it("is heard, although the connection broke before its exit code came", async () => {
    const stderr = "tar: /none: Cannot open: No such file or directory\n";
    await expect(send(stderr)).rejects.toMatchObject({
      code: "COMMAND",
      message: `copying ${join(folder, "big")} to /none/it of pod "web": ${stderr.trim()}`,
      cause: broken.failure,
    });
  });

  it("is a broken connection if it said nothing", async () => {
    await expect(send("")).rejects.toBe(broken.refusal);
  });
});

it.each([
  ["/data/it", "to/it", "to/it", ["-C", "/data", "./it"]],
  ["/data/it/", "to/", "to/it", ["-C", "/data", "./it"]],
  ["it", "to/that", "to/that", ["-C", ".", "./it"]],
  ["a/../it", "to/that", "to/that", ["-C", ".", "./it"]],
  ["/-it", "to/that", "to/that", ["-C", "/", "./-it"]],
])("%s copied to %s becomes %s", async (from, to, target, words) => {
  const name = from.includes("-it") ? "-it" : "it";
  const { exec, state } = sending(archive({ path: `./${name}`, content: "hello" }));
  expect(await copy({ exec }, { from, to: join(folder, to) + (to.endsWith("/") ? "/" : "") })).toEqual({ skipped: [] });
  expect(readFileSync(join(folder, target), "utf8")).toBe("hello");
  expect(state.command).toEqual(["tar", "-cf", "-", ...words]);
});

it.each(["/", ".", "..", "a/.."])("%s names no file", async (from) => {
  await expect(copy(sending(Buffer.alloc(0)), { from })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
