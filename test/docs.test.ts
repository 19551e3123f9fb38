/**
 * Every `ts` block of README.md and docs/ compiles, as a user's file would: against the built package. A comment right before a
 * block says what it needs: `<!-- compile: after previous -->` to stand in one file with the block before it, `<!-- compile: each
 * line fails -->` if it shows what does not compile, `<!-- compile: with CODE -->` for a line that it takes for granted; several are
 * separated by semicolons.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWorkshop, repository, type Workshop } from "./support/compile.js";

interface Block {
  readonly title: string;
  readonly path: string;
  readonly text: string;
  /** How much further down a line is in the document than in the file that is compiled. */
  readonly offset: number;
}

interface Program {
  /** What is imported: `import type { A as B } from "m"` as one entry each, since two blocks may name the same. */
  readonly imports: ReadonlySet<string>;
  readonly body: string;
}

/** A comment of ours, if there is one, and the block that follows it. */
const pattern = /(?:<!-- compile: (?<directives>[^\n]*?) -->\s*\n)?^```ts\n(?<code>.*?)^```$/gms;

function blocksOf(document: string, markdown: string): readonly Block[] {
  const blocks: Block[] = [];
  let previous: Program = { imports: new Set(), body: "" };
  for (const match of markdown.matchAll(pattern)) {
    const { directives = "", code = "" } = match.groups ?? {};
    const wanted = directives === "" ? [] : directives.split(/\s*;\s*(?=after|each|with)/);
    const unknown = wanted.find((one) => !/^(after previous|each line fails|with .+)$/.test(one));
    if (unknown !== undefined) throw new Error(`${document}: there is no "compile: ${unknown}"`);
    const before = wanted.includes("after previous") ? previous : { imports: new Set<string>(), body: "" };
    const given = wanted.filter((one) => one.startsWith("with ")).map((one) => one.slice(5));
    const { imports, body } = split([...given, code].join("\n"));
    const own = wanted.includes("each line fails") ? body.replaceAll(/^(?=\S)/gm, "// @ts-expect-error\n") : body;
    previous = { imports: new Set([...before.imports, ...imports]), body: `${before.body}${own}` };
    const text = `${[...previous.imports].join("\n")}\nexport {};\n${previous.body}`;
    const line = markdown.slice(0, match.index + match[0].length).split("\n").length;
    blocks.push({
      title: `${document}:${line - code.split("\n").length}`,
      path: `${document.replaceAll(/[^\w]/g, "-")}-${blocks.length + 1}.ts`,
      text,
      offset: line - text.split("\n").length,
    });
  }
  return blocks;
}

function split(code: string): Program {
  const imports = new Set<string>();
  const body = code.replaceAll(
    /^import (type )?(?:\{([^}]*)\}|(\* as \w+)) from ("[^"]+");[^\n]*$/gm,
    (statement, type: string | undefined, names: string | undefined, all: string | undefined, from: string) => {
      if (all !== undefined) imports.add(`import ${type ?? ""}${all} from ${from};`);
      for (const name of (names ?? "").split(",")) {
        if (name.trim() !== "") imports.add(`import ${type ?? ""}{ ${name.trim()} } from ${from};`);
      }
      return "\n".repeat(statement.split("\n").length - 1);
    },
  );
  return { imports, body: `${body}\n` };
}

const documents = [
  "README.md",
  ...readdirSync(join(repository, "docs"), { encoding: "utf8" }).map((name) => `docs/${name}`),
]
  .filter((name) => name.endsWith(".md"))
  .map((name) => ({ name, blocks: blocksOf(name, readFileSync(join(repository, name), "utf8")) }));
const all = documents.flatMap(({ blocks }) => blocks);

describe("an example compiles", () => {
  let workshop: Workshop;
  let output = "";
  beforeAll(async () => {
    workshop = await openWorkshop("docs", { noUnusedLocals: false, noUnusedParameters: false });
    await workshop.write(all);
    output = await workshop.compile();
  }, 120_000);
  afterAll(() => workshop?.[Symbol.asyncDispose]());

  it.each(all.map((block) => ({ ...block })))("$title", ({ path, offset, title }) => {
    const found = [...output.matchAll(/^.*?([\w-]+\.ts)\((\d+),\d+\): error (.*)$/gm)]
      .filter(([, file]) => file === path)
      .map(([, , line, message]) => `${title.replace(/:\d+$/, "")}:${Number(line) + offset} ${message}`);
    expect(found).toEqual([]);
  });

  it("or its failure belongs to one of them", () => {
    const strays = output
      .split("\n")
      .filter((line) => /error TS/.test(line) && !all.some(({ path }) => line.includes(path)));
    expect(strays).toEqual([]);
  });
});

it.each<readonly [string, string, readonly string[]]>([
  ["alone", "```ts\na;\n```", ["\nexport {};\na;\n\n"]],
  [
    "after another",
    '```ts\nimport { b } from "m";\nb;\n```\n\n<!-- compile: after previous -->\n```ts\nimport { b, c } from "m";\nc;\n```',
    [
      'import { b } from "m";\nexport {};\n\nb;\n\n',
      'import { b } from "m";\nimport { c } from "m";\nexport {};\n\nb;\n\n\nc;\n\n',
    ],
  ],
  [
    "that fails line by line",
    "<!-- compile: each line fails -->\n\n```ts\na;\nb;\n```",
    ["\nexport {};\n// @ts-expect-error\na;\n// @ts-expect-error\nb;\n\n"],
  ],
  [
    "with a line of its own",
    "<!-- compile: with declare const a: 1; -->\n```ts\na;\n```",
    ["\nexport {};\ndeclare const a: 1;\na;\n\n"],
  ],
])("a block is compiled %s", (_title, markdown, texts) => {
  expect(blocksOf("a.md", markdown).map(({ text }) => text)).toEqual(texts);
});

it("a comment that is misspelt is refused", () => {
  expect(() => blocksOf("a.md", "<!-- compile: after previos -->\n```ts\na;\n```")).toThrow(
    'a.md: there is no "compile: after previos"',
  );
});
