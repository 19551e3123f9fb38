/** One process at a time in a folder. */

import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KindredError } from "../../core/index.js";

/**
 * Takes a folder for this process. A lock that a dead process has left is taken over.
 *
 * @returns what gives it back.
 * @throws KindredError `CONFIG` if a living process holds it.
 */
export function lockFolder(folder: string): Disposable {
  const path = join(folder, "lock");
  const own = `${path}.${process.pid}`;
  // More than once: a dead owner's lock is removed, and another process may be as quick.
  for (let attempt = 1; ; attempt++) {
    try {
      take(own, path);
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (cause) {
      if (!isCode(cause, "EEXIST")) throw cause;
      const owner = ownerOf(path);
      if (attempt === 3 || (owner !== undefined && isAlive(owner))) {
        throw new KindredError(
          "CONFIG",
          `${folder} is in use by process ${owner ?? "unknown"}: stop it or name another folder (if that process is no kindred, remove ${path})`,
          { cause },
        );
      }
      rmSync(path, { force: true });
    }
  }
}

/** A lock is never seen without its owner's number in it. */
function take(own: string, path: string): void {
  writeFileSync(own, `${process.pid}\n`, { mode: 0o600 });
  try {
    linkSync(own, path);
  } finally {
    rmSync(own);
  }
}

function ownerOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8").trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** In a container, the process before had this one's number, and one that was killed may never be reaped. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return !isCode(error, "ESRCH");
  }
}

/** Has ended, and waits for its parent to ask how. Only Linux tells: its state is what follows the name, which may hold anything. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Whether an error is of the system, with this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
