/** A folder for its owner's eyes. */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isCode } from "./lock.js";

/**
 * Makes a folder, and those above it, if they are not there.
 *
 * Node's own `recursive` never returns where the system refuses a folder as missing, as in `/proc`.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (isCode(error, "EEXIST") && statSync(folder).isDirectory()) return;
    const above = dirname(folder);
    if (!isCode(error, "ENOENT") || existsSync(above)) throw error;
    makeFolder(above);
    mkdirSync(folder, { mode: 0o700 });
  }
}
