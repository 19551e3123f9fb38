/** Generated files against those in a folder: what differs, and making it the same. */

import type { Io } from "../io.js";
import { unifiedDiff } from "./diff.js";
import { type GeneratedFile, generatedMark } from "./files.js";

/** How a folder differs from what was generated. */
export interface Change {
  readonly type: "add" | "change" | "remove";
  /** Relative to the folder. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** Compares a folder with generated files. A file there that bears the mark of an earlier run and is generated no more is to go. */
export async function changesTo(folder: string, files: readonly GeneratedFile[], io: Io): Promise<readonly Change[]> {
  const present = await io.listFiles(folder);
  const changes: Change[] = [];
  for (const file of files) {
    const before = present.includes(file.path) ? await io.readFile(`${folder}/${file.path}`) : undefined;
    if (before === file.text) continue;
    changes.push({
      type: before === undefined ? "add" : "change",
      path: file.path,
      before: before ?? "",
      after: file.text,
    });
  }
  const generated = new Set(files.map((file) => file.path));
  for (const path of present) {
    if (generated.has(path) || !path.endsWith(".ts") || path.endsWith(".d.ts")) continue;
    const before = await io.readFile(`${folder}/${path}`);
    if (isGenerated(before)) changes.push({ type: "remove", path, before, after: "" });
  }
  return changes;
}

/** Writes and removes files so that the folder is as generated. */
export async function applyChanges(folder: string, changes: readonly Change[], io: Io): Promise<void> {
  for (const change of changes) {
    io.signal?.throwIfAborted();
    const path = `${folder}/${change.path}`;
    if (change.type === "remove") await io.removeFile(path);
    else await io.writeFile(path, change.after);
  }
}

/** One change as a diff. */
export function formatChange(folder: string, change: Change): string {
  const path = `${folder}/${change.path}`;
  return unifiedDiff(change.before, change.after, {
    before: change.type === "add" ? "/dev/null" : path,
    after: change.type === "remove" ? "/dev/null" : path,
  });
}

/** The mark is in the first comment: a file that merely mentions it is nobody's to delete. */
function isGenerated(text: string): boolean {
  const [comment = ""] = /^\/\*\*[\s\S]*?\*\//.exec(text) ?? [];
  return comment.includes(generatedMark);
}
