/** The store on disk: one file of JSON lines, to which every change is appended before its request is answered. */

import { closeSync, fdatasyncSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { KindredError, parseJson } from "../../core/index.js";
import { formatJson } from "../core-json.js";
import { isObject, type JsonObject } from "../json.js";
import type { Change, Store } from "../store/store.js";
import { makeFolder } from "./folder.js";
import { isCode, lockFolder } from "./lock.js";

/** How a journal is kept. */
export interface JournalOptions {
  /** Made if it is not there. */
  readonly folder: string;
  /**
   * What an acknowledged write outlives: the end of this `process`, however it comes, or of the `machine` too, at the price of waiting
   * for the disk with every write. Default: `process`.
   */
  readonly outlives?: "process" | "machine" | undefined;
  /** The file is written anew when so many bytes were appended, and it has at least doubled. Default: 16 MiB. */
  readonly compactAfterBytes?: number | undefined;
  /**
   * Told when the disk takes no more. What memory then holds is not on disk, so nothing may be answered any more: whoever is told ends
   * the process.
   */
  readonly onFailure: (error: KindredError) => void;
}

/** One line of the file: an object as it became, or null when it was deleted. */
interface Entry {
  readonly revision: number;
  readonly collection: string;
  readonly key: string;
  readonly object: JsonObject | null;
}

/** The first line. */
interface Head {
  readonly kindred: "journal";
  readonly format: 1;
  /** That of the last change that is folded into the lines of the file's beginning. */
  readonly revision: number;
}

const fileName = "state.jsonl";

/**
 * Keeps a store on disk.
 *
 * Guarantees: what was on disk is in the store, at the same resourceVersions, when `open` returns. A change is in the file before `put`
 * and `remove` of the store return. The file is replaced as a whole or not at all. A line that was being written when the process
 * ended is no change: nobody was told of it.
 *
 * Caveats: history is not kept: a watch from before the start gets 410 and lists again.
 */
export class Journal implements Disposable {
  /** How many bytes of a line that was never finished were dropped when the file was read. */
  readonly tornBytes: number;
  /** How many objects were read. */
  readonly objects: number;
  readonly #store: Store;
  readonly #options: JournalOptions;
  readonly #path: string;
  readonly #lock: Disposable;
  readonly #stop: () => void;
  #file: number;
  #bytes = 0;
  #compactAt = 0;
  #failure: KindredError | undefined;

  /**
   * Reads what is on disk into an empty store, and follows the store from then on.
   *
   * @throws KindredError `CONFIG` if the folder cannot be used, another process uses it, or the file is damaged.
   */
  static open(store: Store, options: JournalOptions): Journal {
    try {
      makeFolder(options.folder);
      const lock = lockFolder(options.folder);
      try {
        return new Journal(store, options, lock);
      } catch (error) {
        lock[Symbol.dispose]();
        throw error;
      }
    } catch (cause) {
      if (cause instanceof KindredError) throw cause;
      throw new KindredError("CONFIG", `cannot keep state in ${options.folder}: ${messageOf(cause)}`, { cause });
    }
  }

  private constructor(store: Store, options: JournalOptions, lock: Disposable) {
    this.#store = store;
    this.#options = options;
    this.#lock = lock;
    this.#path = join(options.folder, fileName);
    this.tornBytes = this.#read();
    this.objects = [...store.entries()].length;
    this.#file = this.#rewrite();
    this.#stop = store.listen((change) => this.#append(change));
  }

  /** Ends it; the folder is free for another process. */
  [Symbol.dispose](): void {
    this.#stop();
    if (this.#failure === undefined) fsyncSync(this.#file);
    closeSync(this.#file);
    this.#lock[Symbol.dispose]();
  }

  #read(): number {
    let content: Buffer;
    try {
      content = readFileSync(this.#path);
    } catch (error) {
      if (isCode(error, "ENOENT")) return 0;
      throw error;
    }
    let start = 0;
    for (let line = 1; start < content.length; line++) {
      const end = content.indexOf(0x0a, start);
      const entry = end === -1 ? undefined : entryOf(content.toString("utf8", start, end), line);
      if (entry === undefined) {
        if (line === 1)
          throw new KindredError("CONFIG", `${this.#path} is no journal of this kindred: name another folder`);
        // Only the last line can be one that was never finished.
        if (end === -1 || end === content.length - 1) break;
        throw new KindredError(
          "CONFIG",
          `${this.#path} is damaged at line ${line}: restore it from a copy, or keep the ${line - 1} lines before that and lose the rest`,
        );
      }
      const { revision, collection, key, object } = entry;
      this.#store.restore({ revision, collection, key, next: object ?? undefined });
      start = end + 1;
    }
    return content.length - start;
  }

  /** A new file with what the store holds, in the place of the old one. */
  #rewrite(): number {
    const fresh = `${this.#path}.new`;
    const file = openSync(fresh, "w", 0o600);
    try {
      const head: Head = { kindred: "journal", format: 1, revision: this.#store.revision };
      this.#bytes = write(file, `${JSON.stringify(head)}\n`);
      for (const { collection, key, object } of this.#store.entries()) {
        this.#bytes += write(file, lineOf({ revision: revisionOf(object), collection, key, object }));
      }
      fsyncSync(file);
      renameSync(fresh, this.#path);
      syncFolder(this.#options.folder);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    this.#compactAt = Math.max(2 * this.#bytes, this.#bytes + (this.#options.compactAfterBytes ?? 16 * 1024 * 1024));
    return file;
  }

  #append({ revision, collection, key, next }: Change): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#bytes += write(this.#file, lineOf({ revision, collection, key, object: next ?? null }));
      if (this.#options.outlives === "machine") fdatasyncSync(this.#file);
      if (this.#bytes < this.#compactAt) return;
      const old = this.#file;
      this.#file = this.#rewrite();
      closeSync(old);
    } catch (cause) {
      const message = `cannot write ${this.#path}: ${messageOf(cause)}: nothing is acknowledged from here on`;
      this.#failure = new KindredError("CONFIG", message, { cause });
      this.#options.onFailure(this.#failure);
      throw this.#failure;
    }
  }
}

/** @returns undefined for a line that is none of this file's. */
function entryOf(line: string, number: number): Entry | undefined {
  const value = parsed(line);
  if (!isObject(value)) return undefined;
  const { revision, collection, key, object } = value;
  if (typeof revision !== "number") return undefined;
  if (number === 1) {
    if (value["kindred"] !== "journal" || value["format"] !== 1) return undefined;
    // A deletion of nothing: it sets the revision.
    return { revision, collection: "", key: "", object: null };
  }
  if (typeof collection !== "string" || typeof key !== "string") return undefined;
  return object === null || isObject(object) ? { revision, collection, key, object } : undefined;
}

function parsed(line: string): unknown {
  try {
    return parseJson(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function lineOf({ revision, collection, key, object }: Entry): string {
  const place = `"revision":${revision},"collection":${JSON.stringify(collection)},"key":${JSON.stringify(key)}`;
  return `{${place},"object":${object === null ? "null" : formatJson(object)}}\n`;
}

/** Writes all of it. @returns how many bytes. */
function write(file: number, text: string): number {
  const bytes = Buffer.from(text, "utf8");
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  return bytes.length;
}

/** After a rename, for the new name to outlive the machine. Windows opens no folders, and needs no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function revisionOf(object: JsonObject): number {
  const { metadata } = object;
  return isObject(metadata) ? Number(metadata["resourceVersion"]) : 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
