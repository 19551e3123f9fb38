/** Collecting what a CustomResourceDefinition cannot express, so that one error tells all of it. */

import { KindredError } from "../core/index.js";

/** What is wrong with a definition, line by line: each with its path and its cure. */
export class Problems {
  readonly #lines: string[] = [];

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Notes a problem once: `path: what is wrong; cure`. */
  add(path: string, problem: string, cure: string): void {
    const line = `${path}: ${problem}. ${cure}`;
    if (!this.#lines.includes(line)) this.#lines.push(line);
  }

  /** Notes every problem of another collection that is not noted yet. */
  addAll(other: Problems): void {
    this.#lines.push(...other.lines.filter((line) => !this.#lines.includes(line)));
  }

  /** @throws KindredError `SCHEMA` with every problem, if there is any. */
  throwIfAny(what: string): void {
    if (this.#lines.length === 0) return;
    throw new KindredError(
      "SCHEMA",
      `${what} cannot be a CustomResourceDefinition:\n${this.#lines.map((l) => `  ${l}`).join("\n")}`,
    );
  }
}

/** Where a part of a schema stands, and whom to tell what is wrong there. */
export interface Place {
  /** Such as `.spec.ports[*].name`. */
  readonly path: string;
  readonly problems: Problems;
}
