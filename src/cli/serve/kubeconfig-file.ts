/** A kubeconfig in a file that may be somebody's own: nothing is merged, and nothing of others is overwritten. */

import { parse } from "yaml";
import { invalidArgument } from "../../core/index.js";
import { isObject, objectsAt, textAt } from "../generate/json.js";
import type { Io } from "../io.js";

/**
 * Writes a file that does not exist yet, or that holds nothing but what was written here before.
 *
 * @throws KindredError `INVALID_ARGUMENT` if the file is anything else, or cannot be written.
 */
export async function writeKubeconfig(path: string, text: string, io: Io): Promise<void> {
  const present = await contentOf(path, io);
  if (present !== undefined && !isOurs(present)) {
    throw invalidArgument(
      `kindred serve: ${path} exists and is not of kindred serve: name another file, or remove it (nothing is merged; to use both, set KUBECONFIG to the two paths with a colon between)`,
    );
  }
  try {
    await io.writeSecret(path, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidArgument(`kindred serve: cannot write the kubeconfig ${path}: ${why}`);
  }
}

async function contentOf(path: string, io: Io): Promise<string | undefined> {
  try {
    return await io.readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw invalidArgument(
      `kindred serve: cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Whether a file has one cluster, one user and one context, all called kindred. */
function isOurs(text: string): boolean {
  try {
    const kubeconfig: unknown = parse(text);
    if (!isObject(kubeconfig)) return false;
    return ["clusters", "users", "contexts"].every((section) => {
      const entries = objectsAt(kubeconfig, section);
      return entries.length === 1 && entries.every((entry) => textAt(entry, "name") === "kindred");
    });
  } catch {
    return false;
  }
}
