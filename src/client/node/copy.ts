/** Files to and from containers, by `tar` in the container and the package `tar` here: as `kubectl cp` does. */

import { mkdir } from "node:fs/promises";
import { basename, dirname, posix, resolve, sep } from "node:path";
import { invalidArgument, KindredError } from "../../core/index.js";
import type { CallOptions, ExecOutput, Execution, Streams } from "../index.js";
import { loadTar, type Unpacker } from "./tar-library.js";

/** What to copy where. A folder is copied with all that it holds. */
export interface CopyOptions extends CallOptions {
  /** The file or folder. */
  readonly from: string;
  /** What it becomes, or, with a slash at the end, the folder that it gets into under its own name. */
  readonly to: string;
  /** Default: the pod's only container. It needs a `tar`. */
  readonly container?: string | undefined;
}

/** What was not copied. */
export interface Copied {
  /** Links and devices, by their paths below `from`: what a container says must not make links here. */
  readonly skipped: readonly string[];
}

/**
 * Copies a local file or folder into a container. Files belong to the container's user; symbolic links stay links.
 *
 * @throws KindredError `COMMAND` with what `tar` said, such as that the folder of `to` does not exist. Caveat: what was copied until then
 * stays.
 */
export async function copyToPod(pods: Pick<Streams, "exec">, name: string, options: CopyOptions): Promise<void> {
  const { from, to, container, signal } = options;
  const source = resolve(from);
  const [folder, target] = to.endsWith("/") ? [to, basename(source)] : [posix.dirname(to), posix.basename(to)];
  const tar = await loadTar();
  const command = ["tar", "-xmf", "-", "-C", folder];
  await using run = await pods.exec(name, { command, container, stdin: true, signal });
  const archive = tar.c(
    {
      cwd: dirname(source),
      portable: true,
      strict: true,
      onWriteEntry: (entry) => {
        entry.path = renamed(entry.path, basename(source), target) ?? entry.path;
      },
    },
    [`./${basename(source)}`],
  );
  // What it cannot read after we have left off is nobody's concern.
  archive.on("error", () => {});
  const what = `copying ${source} to ${to} of pod ${JSON.stringify(name)}`;
  const said: string[] = [];
  // If the container's tar gave up, that says why; that writing failed does not.
  const [written, ended] = await Promise.allSettled([
    send(archive, run),
    run.result,
    gather(run.stderr, said),
    run.stdout.pipeTo(new WritableStream()),
  ]);
  const stderr = said.join("");
  if (ended.status === "fulfilled") checkExit({ ...ended.value, stderr }, what);
  // The kubelet drops the connection when a process ends whose input still comes, at times with the exit code on its way.
  else if (stderr !== "") throw failed(`${what}: ${stderr.trim().slice(0, 1000)}`, ended.reason);
  if (written.status === "rejected") throw written.reason;
  if (ended.status === "rejected") throw ended.reason;
}

/**
 * Copies a file or folder of a container to this machine.
 *
 * Guarantees: nothing is written outside of what `to` becomes, whatever the container sends, and no links are made. Folders above `to` are
 * made as needed; files that exist are overwritten.
 *
 * @throws KindredError `COMMAND` with what `tar` said, such as that there is no such file; `PROTOCOL` for an archive that tries to escape.
 * Caveat: what was copied until then stays.
 */
export async function copyFromPod(pods: Pick<Streams, "exec">, name: string, options: CopyOptions): Promise<Copied> {
  const { to, container, signal } = options;
  const from = posix.normalize(options.from).replace(/(?<=.)\/$/, "");
  const base = posix.basename(from);
  if (base === "" || base === "." || base === "..") {
    throw invalidArgument(`copying ${options.from}: name a file or folder, not the place where one is`);
  }
  const target = to.endsWith("/") || to.endsWith(sep) ? resolve(to, base) : resolve(to);
  const what = `copying ${from} of pod ${JSON.stringify(name)} to ${target}`;
  const tar = await loadTar();
  await mkdir(dirname(target), { recursive: true });
  const command = ["tar", "-cf", "-", "-C", posix.dirname(from), `./${base}`];
  await using run = await pods.exec(name, { command, container, signal });
  const skipped: string[] = [];
  const unpack = tar.x({
    cwd: dirname(target),
    strict: true,
    preserveOwner: false,
    filter: (_path, entry) => {
      const path = renamed(entry.path, base, basename(target));
      if (path === undefined)
        throw new KindredError(
          "PROTOCOL",
          `${what}: the container sent ${JSON.stringify(entry.path)}, which is not in there`,
        );
      if (!copiedTypes.has(entry.type)) {
        skipped.push(path.slice(basename(target).length + 1));
        return false;
      }
      entry.path = path;
      return true;
    },
  });
  const receiving = receive(run, unpack, what);
  const said = new Response(run.stderr).text();
  const [received, stderr, ended] = await Promise.allSettled([receiving, said, run.result]);
  // If the container's tar failed, it knows best what is wrong with what it sent.
  if (ended.status === "fulfilled" && stderr.status === "fulfilled") {
    checkExit({ ...ended.value, stderr: stderr.value }, what);
  }
  for (const one of [received, ended, stderr]) if (one.status === "rejected") throw one.reason;
  return { skipped };
}

const copiedTypes: ReadonlySet<string> = new Set(["File", "OldFile", "ContiguousFile", "Directory"]);

/** A path of an archive whose first name is another; undefined if it does not begin with that, or leads out. */
function renamed(path: string, base: string, target: string): string | undefined {
  const [first, ...rest] = path.replace(/^\.\//, "").replace(/\/+$/, "").split(/\/+/);
  return first === base && !rest.includes("..") ? [target, ...rest].join("/") : undefined;
}

async function send(archive: AsyncIterable<Uint8Array>, run: Execution<true>): Promise<void> {
  const writer = run.stdin.getWriter();
  let isWriting = false;
  try {
    for await (const chunk of archive) {
      isWriting = true;
      await writer.write(chunk);
      isWriting = false;
    }
    isWriting = true;
    await writer.close();
  } catch (error) {
    // Else the container would wait for the rest for ever. A write that failed says that it does not wait, and its answer says why.
    if (!isWriting) await run[Symbol.asyncDispose]();
    throw error;
  }
}

/** Keeps what came, also when the connection breaks. */
async function gather(stream: ReadableStream<Uint8Array>, into: string[]): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) into.push(decoder.decode(chunk, { stream: true }));
}

async function receive(run: Execution, unpack: Unpacker, what: string): Promise<void> {
  let failure: Error | undefined;
  let roomy = () => {};
  const finished = new Promise<void>((done, fail) => {
    unpack
      .on("close", done)
      .on("drain", () => roomy())
      .on("error", (error) => {
        failure ??= explained(error, what);
        fail(failure);
      });
  });
  finished.catch(() => {});
  try {
    for await (const chunk of run.stdout) {
      const room = new Promise<void>((resolve) => {
        roomy = resolve;
      });
      const more = unpack.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
      if (failure !== undefined) throw failure;
      if (!more) await Promise.race([room, finished]);
    }
  } catch (error) {
    // What comes from a container may never end.
    await run[Symbol.asyncDispose]();
    throw error;
  }
  unpack.end();
  await finished;
}

/** A failure of this machine's files stays what it is; one of the archive is the container's. */
function explained(error: Error & { readonly code?: unknown }, what: string): Error {
  if (typeof error.code !== "string" || !error.code.startsWith("TAR_")) return error;
  return new KindredError("PROTOCOL", `${what}: what the container sent cannot be unpacked: ${error.message}`, {
    cause: error,
  });
}

function checkExit({ exitCode, stderr }: Pick<ExecOutput, "exitCode" | "stderr">, what: string): void {
  if (exitCode === 0) return;
  throw failed(`${what}: tar ended with exit code ${exitCode}: ${stderr.trim().slice(0, 1000)}`);
}

function failed(message: string, cause?: unknown): KindredError<"COMMAND"> {
  return new KindredError("COMMAND", message, cause === undefined ? undefined : { cause });
}
