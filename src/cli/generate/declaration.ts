/** What a generated file consists of, before it is text. */

import type { ResourceFacts } from "./api-description.js";

/** A type, as a field has it. */
export type TypeNode =
  | { readonly type: "keyword"; readonly name: "string" | "number" | "boolean" | "unknown" | "null" }
  /** A type of another declaration; `module` is its file (`apps/v1`), `""` kindred's core. */
  | { readonly type: "reference"; readonly module: string; readonly name: string; readonly partial?: true }
  | { readonly type: "literal"; readonly value: string | number | boolean }
  | { readonly type: "array"; readonly items: TypeNode }
  | { readonly type: "map"; readonly values: TypeNode }
  | { readonly type: "union"; readonly members: readonly TypeNode[] };

/** A property of an interface. */
export interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly type: TypeNode;
  readonly doc: string;
}

interface Named {
  readonly name: string;
  /** The input's description. */
  readonly doc: string;
  /** Our own words, printed even where descriptions are left out. */
  readonly note?: string;
}

/** An exported type. */
export type Declaration = Named &
  (
    | {
        readonly type: "interface";
        readonly fields: readonly Field[];
        /** Fields beyond the known ones are kept, so there is an index signature. */
        readonly open: boolean;
      }
    | { readonly type: "alias"; readonly target: TypeNode }
  );

/** A descriptor, and the type that create takes where it differs. */
export interface Descriptor {
  readonly facts: ResourceFacts;
  /** The name of the kind's interface, and of the descriptor. */
  readonly name: string;
  readonly newName: string | undefined;
  /** Its place in the description: a lower one is preferred. */
  readonly rank: number;
}

/** One file: everything of one group and version. */
export interface Module {
  /** Its path without the ending: `apps/v1`, `core/v1`. */
  readonly path: string;
  readonly declarations: readonly Declaration[];
  readonly descriptors: readonly Descriptor[];
  /** Names of the kinds that are only bodies of subresources. */
  readonly bodies: readonly string[];
}

/** Members as one type: flat, without repetition. */
export function unionOf(members: readonly TypeNode[]): TypeNode {
  const flat = members.flatMap((member) => (member.type === "union" ? member.members : [member]));
  if (flat.some((member) => member.type === "keyword" && member.name === "unknown"))
    return { type: "keyword", name: "unknown" };
  const seen = new Set<string>();
  const unique = flat.filter((member) => {
    const key = JSON.stringify(member);
    return seen.has(key) ? false : seen.add(key);
  });
  const [only] = unique;
  return unique.length === 1 && only !== undefined ? only : { type: "union", members: unique };
}
