/** JSON patch. @see https://www.rfc-editor.org/rfc/rfc6902 */

import { isEqual, isObject, without, withOwn } from "../json.js";

/** An operation that cannot be carried out. */
export class PatchError extends Error {
  override readonly name = "PatchError";
}

/** Carries out the operations in order, all or none. @throws PatchError */
export function applyJsonPatch(value: unknown, operations: readonly unknown[]): unknown {
  return operations.reduce(applyOperation, value);
}

function applyOperation(value: unknown, operation: unknown): unknown {
  if (!isObject(operation)) throw new PatchError("an operation must be an object");
  const path = pointer(operation["path"]);
  switch (operation["op"]) {
    case "add":
      return edit(
        value,
        path,
        (parent, key) => insert(parent, key, valueOf(operation)),
        () => valueOf(operation),
      );
    case "replace":
      read(value, path);
      return edit(
        value,
        path,
        (parent, key) => set(parent, key, valueOf(operation)),
        () => valueOf(operation),
      );
    case "remove":
      read(value, path);
      return edit(value, path, remove, () => null);
    case "test":
      if (!isEqual(readOrNull(value, path), operation["value"] ?? null)) throw new PatchError("testing value failed");
      return value;
    case "copy": {
      const copied = read(value, pointer(operation["from"]));
      return edit(
        value,
        path,
        (parent, key) => insert(parent, key, copied),
        () => copied,
      );
    }
    case "move": {
      const from = pointer(operation["from"]);
      const moved = read(value, from);
      const left = edit(value, from, remove, () => null);
      return edit(
        left,
        path,
        (parent, key) => insert(parent, key, moved),
        () => moved,
      );
    }
    default:
      throw new PatchError(`unexpected kind: ${String(operation["op"])}`);
  }
}

function valueOf(operation: { readonly [key: string]: unknown }): unknown {
  if (!Object.hasOwn(operation, "value")) throw new PatchError("an operation lacks its value");
  return operation["value"];
}

function pointer(text: unknown): readonly string[] {
  if (typeof text !== "string" || (text !== "" && !text.startsWith("/"))) {
    throw new PatchError(`not a JSON pointer: ${JSON.stringify(text)}`);
  }
  return text
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function readOrNull(value: unknown, path: readonly string[]): unknown {
  try {
    return read(value, path);
  } catch (error) {
    if (error instanceof PatchError) return null;
    throw error;
  }
}

function read(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[indexOf(inner, key, inner.length - 1)];
    if (isObject(inner) && Object.hasOwn(inner, key)) return inner[key];
    throw new PatchError(`missing path: /${path.join("/")}`);
  }, value);
}

/** Changes the parent of the last step; `atRoot` gives the new value where there is none. */
function edit(
  value: unknown,
  path: readonly string[],
  change: (parent: unknown, key: string) => unknown,
  atRoot: () => unknown,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return atRoot();
  if (rest.length === 0) return change(value, key);
  return set(value, key, edit(read(value, [key]), rest, change, atRoot));
}

function set(parent: unknown, key: string, value: unknown): unknown {
  if (Array.isArray(parent)) return parent.with(indexOf(parent, key, parent.length - 1), value);
  if (isObject(parent)) return withOwn(parent, key, value);
  throw new PatchError(`nothing can be set at ${key}`);
}

function insert(parent: unknown, key: string, value: unknown): unknown {
  if (!Array.isArray(parent)) return set(parent, key, value);
  return parent.toSpliced(key === "-" ? parent.length : indexOf(parent, key, parent.length), 0, value);
}

function remove(parent: unknown, key: string): unknown {
  if (Array.isArray(parent)) return parent.toSpliced(indexOf(parent, key, parent.length - 1), 1);
  if (isObject(parent)) return without(parent, key);
  throw new PatchError(`nothing can be removed at ${key}`);
}

function indexOf(list: readonly unknown[], key: string, last: number): number {
  const index = /^-?\d+$/.test(key) ? Number(key) : Number.NaN;
  const counted = index < 0 ? index + list.length : index;
  if (!(counted >= 0 && counted <= last)) throw new PatchError(`invalid index: ${key}`);
  return counted;
}
