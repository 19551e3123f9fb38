import { describe, expect, it } from "vitest";
import { parseManifests } from "./parse-manifests.js";

const head = "apiVersion: v1\nkind: X\n";
const x = { apiVersion: "v1", kind: "X" };

describe("a plain value is what kubectl's YAML library makes of it", () => {
  it.each<readonly [text: string, value: unknown]>([
    ["yes", true],
    ["y", true],
    ["on", true],
    ["True", true],
    ["No", false],
    ["off # no", false],
    ["yEs", "yEs"],
    ['"yes"', "yes"],
    ["~", null],
    ["", null],
    ["Null", null],
    ["17", 17],
    ["+5", 5],
    ["-0", 0],
    ["017", 15],
    ["-017", -15],
    ["0o17", 15],
    ["08", 8],
    ["0x1F", 31],
    ["0X1f", 31],
    ["-0b11", -3],
    ["1_000", 1000],
    ["0b", "0b"],
    ["0xFFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFFF"],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-9223372036854775808", -9223372036854775808n],
    ["18446744073709551615", 18446744073709551615n],
    ["18446744073709551616", 18446744073709552000],
    ["1.10", 1.1],
    [".5", 0.5],
    ["1.", 1],
    ["1e3", 1000],
    ["685.230_15e+03", 685230.15],
    ["._5", "._5"],
    ["1E400", "1E400"],
    ["0x1p4", "0x1p4"],
    ["123e5e", "123e5e"],
    ["1:30", "1:30"],
    ["2001-01-01", "2001-01-01"],
    ["10.0.0.1", "10.0.0.1"],
    ["!!str 1", "1"],
    ['!!int "1"', 1],
    ["!!float 1", 1],
    ["!!bool yes", true],
    ["<<", "<<"],
    ["|\n  x\n  y", "x\ny\n"],
    ["'it''s'", "it's"],
  ])("%j", async (text, value) => {
    expect(await parseManifests(`${head}a: ${text}`)).toEqual([{ ...x, a: value }]);
  });
});

it.each<readonly [text: string, more: object]>([
  ["1: a\nyes: b\n1.5: c", { "1": "a", true: "b", "1.5": "c" }],
  ["a: &a {b: 1}\nc: *a", { a: { b: 1 }, c: { b: 1 } }],
  ["a: &a {b: 1}\nc:\n  <<: *a\n  d: 2", { a: { b: 1 }, c: { b: 1, d: 2 } }],
  ["c:\n  b: 3\n  <<: [{b: 1}, {b: 2, d: 2}]", { c: { b: 3, d: 2 } }],
])("keys, anchors and merges: %j", async (text, more) => {
  expect(await parseManifests(head + text)).toEqual([{ ...x, ...more }]);
});

describe("a text holds", () => {
  const a = { apiVersion: "v1", kind: "A" };
  const b = { apiVersion: "v1", kind: "B" };
  it.each<readonly [title: string, text: string, manifests: readonly object[]]>([
    [
      "several documents, of which empty ones are skipped",
      "---\n# none\n---\n{apiVersion: v1, kind: A}\n---\n~\n---\napiVersion: v1\nkind: B\n...\n",
      [a, b],
    ],
    [
      "a block text with lines that look like separators",
      `${head}c: |\n  d\n  ---\n  ...\n---\n${head}`,
      [{ ...x, c: "d\n---\n...\n" }, x],
    ],
    [
      "documents that end and begin again",
      `%YAML 1.1\n---\n${head}...\n%YAML 1.1\n--- # more\n${head}...\n${head}`,
      [x, x, x],
    ],
    ["nothing", "# nothing\n", []],
    ["nothing at all", "", []],
    ["a byte order mark and a directive", `\uFEFF%YAML 1.1\n---\n${head}`, [x]],
    [
      "lines that end as on Windows",
      "apiVersion: v1\r\nkind: A\r\nc: |\r\n  d\r\n--- # more\r\napiVersion: v1\r\nkind: B\r\n",
      [{ ...a, c: "d\n" }, b],
    ],
    ["JSON, indented by tabs", '{\n\t"apiVersion": "v1",\n\t"kind": "A"\n}\n', [a]],
    [
      "JSON, one object after the other",
      '{"apiVersion":"v1","kind":"A"}{"apiVersion":"v1","kind":"B","c":"}{\\"}{"}',
      [a, { ...b, c: '}{"}{' }],
    ],
    ["JSON's own escapes", '{"apiVersion":"v1","kind":"A","c":"\\ud83d\\ude00\\/"}', [{ ...a, c: "😀/" }]],
    ["JSON documents", '{"apiVersion":"v1","kind":"A"}\n---\n{"apiVersion":"v1","kind":"B"}', [a, b]],
    [
      "a List, which is its items",
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A}\n- apiVersion: v1\n  kind: List\n  items: [{apiVersion: v1, kind: B}]",
      [a, b],
    ],
    [
      "a list of one kind, whose items need not repeat it",
      "apiVersion: v1\nkind: AList\nitems: [{c: 1}, {apiVersion: v1, kind: B}]",
      [{ ...a, c: 1 }, b],
    ],
    ["a List that says nothing but its items", "kind: List\nitems: [{apiVersion: v1, kind: A}]", [a]],
    [
      "a kind with items that is no list",
      "apiVersion: v1\nkind: Menu\nitems: [1]",
      [{ apiVersion: "v1", kind: "Menu", items: [1] }],
    ],
  ])("%s", async (_title, text, manifests) => expect(await parseManifests(text)).toEqual(manifests));
});

describe("what is wrong is told with its document and line", () => {
  it.each<readonly [text: string, message: string]>([
    [`${head}---\n${head}secret: 1\nsecret: 2`, "document 2, line 7, column 1: a key is given twice: remove one"],
    [`${head}a:\n\t b: 1`, "document 1, line 4, column 1: a tab indents: use spaces"],
    [
      `${head}a: [1, 2`,
      "document 1, line 3, column 9: this is not YAML (BAD_INDENT): indented too little or too much, or within a bracket that is not closed",
    ],
    [
      `${head}a: !vault secret`,
      "document 1, line 3, column 4: a tag means nothing to Kubernetes, or does not fit its value: remove it",
    ],
    [
      `${head}a: !!int secret`,
      "document 1, line 3, column 4: a tag means nothing to Kubernetes, or does not fit its value: remove it",
    ],
    [
      `${head}a: !!binary c2VjcmV0`,
      "document 1, line 3, column 4: a tag means nothing to Kubernetes, or does not fit its value: remove it",
    ],
    [`${head}a: .inf`, "document 1, line 3, column 4: a number must be finite"],
    [`${head}\na: .nan`, "document 1, line 4, column 4: a number must be finite"],
    [`${head}~: a`, "document 1, line 3, column 1: a key must be a text, a number or a boolean"],
    [`${head}? [secret]\n: a`, "document 1, line 3, column 3: a key must be a text, a number or a boolean"],
    [`${head}a: *secret`, "document 1, line 3, column 4: an alias has no anchor before it"],
    ["- secret", "document 1, line 1: this is no object, but a list or a single value"],
    ["# one\n---\n---\nsecret", "document 2, line 4: this is no object, but a list or a single value"],
    [
      `${head}---secret\n${head}`,
      'document 1, line 3, column 1: this is not YAML (MULTILINE_IMPLICIT_KEY): a colon is missing after a key, or a "---" does not stand alone',
    ],
    [`${head}a: &a 1\n---\n${head}a: *a`, "document 2, line 7, column 4: an alias has no anchor before it"],
    ["kind: AList\nitems: [{metadata: {}}]", "document 1, line 1, item 1: apiVersion is missing"],
    ["kind: A", "document 1, line 1: apiVersion is missing"],
    ["apiVersion: v1", "document 1, line 1: kind is missing"],
    ["apiVersion: v1\nkind: Y", "document 1, line 1: kind must be a text: quote it"],
    ["apiVersion: 1\nkind: A", "document 1, line 1: apiVersion must be a text: quote it"],
    ["apiVersion: v1\nkind: ''", "document 1, line 1: kind is missing"],
    [
      `${head}metadata: {name: 5}`,
      "document 1, line 1: metadata must be a mapping, and its name and namespace texts: quote them",
    ],
    [
      `${head}metadata: secret`,
      "document 1, line 1: metadata must be a mapping, and its name and namespace texts: quote them",
    ],
    [
      "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: A}, {kind: B}]",
      "document 1, line 1, item 2: apiVersion is missing",
    ],
    [
      '{"kind":"A","apiVersion":"v1"}{"apiVersion":"v1","a":secret secret:}',
      "document 2, line 1, column 54: this is not YAML (BLOCK_IN_FLOW): a second colon on a line, or indented lines within brackets: quote the text",
    ],
    [
      `${head}a: "\\s"`,
      "document 1, line 3, column 5: this is not YAML (BAD_DQ_ESCAPE): a backslash in double quotes escapes nothing: double it",
    ],
    [
      `${head}a: @secret`,
      "document 1, line 3, column 4: this is not YAML (BAD_SCALAR_START): no text begins with this character: quote it",
    ],
    [
      `${head}a: secret: b`,
      "document 1, line 3, column 4: this is not YAML (BLOCK_AS_IMPLICIT_KEY): a second colon on a line, or indented lines within brackets: quote the text",
    ],
    [
      `${head}a: "secret`,
      "document 1, line 3, column 11: this is not YAML (MISSING_CHAR): a closing quote or bracket, a comma, a colon or a space is missing",
    ],
    [
      '{"apiVersion":"v1","kind":"A"}\n{"apiVersion":"v1",\n"kind":"A","kind":"B"}',
      "document 2, line 3, column 12: a key is given twice: remove one",
    ],
    [
      '{"apiVersion":"v1","kind":"A"}{"apiVersion":"v1",\n"kind":"A"} {"apiVersion":"v1","kind":"A","kind":"B"}',
      "document 3, line 2, column 43: a key is given twice: remove one",
    ],
  ])("%j", async (text, message) => {
    const error = await parseManifests(text, { source: "a.yaml" }).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: `a.yaml, ${message}` });
    expect(String(error)).not.toContain("secret");
  });

  it("what is nested too deeply", async () => {
    await expect(parseManifests(`${"- ".repeat(9000)}x`)).rejects.toThrow(/nested too deeply: flatten it$/);
  });

  it("aliases that expand without end", async () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]`);
    await expect(parseManifests(`${head}a0: &a0 [x]\n${levels.join("\n")}`)).rejects.toThrow(
      "the manifest, document 1, line 1: aliases expand without end: write the values out",
    );
  });
});
