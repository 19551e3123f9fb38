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
    [
      "a kind with items that is no list",
      "apiVersion: v1\nkind: Menu\nitems: [1]",
      [{ apiVersion: "v1", kind: "Menu", items: [1] }],
    ],
  ])("%s", async (_title, text, manifests) => expect(await parseManifests(text)).toEqual(manifests));
});

describe("what is wrong is told with its document and line", () => {
  it.each<readonly [text: string, message: string]>([
    [`${head}---\n${head}secret: 1\nsecret: 2`, "document 2, line 7: a key is given twice: remove one"],
    [`${head}a:\n\t b: 1`, "document 1, line 4: a tab indents: use spaces"],
    [`${head}a: [1, 2`, "document 1, line 3: this is not YAML (BAD_INDENT)"],
    [
      `${head}a: !vault secret`,
      "document 1, line 3: a tag means nothing to Kubernetes, or does not fit its value: remove it",
    ],
    [
      `${head}a: !!int secret`,
      "document 1, line 3: a tag means nothing to Kubernetes, or does not fit its value: remove it",
    ],
    [
      `${head}a: !!binary c2VjcmV0`,
      "document 1, line 3: a tag means nothing to Kubernetes, or does not fit its value: remove it",
    ],
    [`${head}a: .inf`, "document 1, line 3: a number must be finite"],
    [`${head}\na: .nan`, "document 1, line 4: a number must be finite"],
    [`${head}~: a`, "document 1, line 3: a key must be a text, a number or a boolean"],
    [`${head}? [secret]\n: a`, "document 1, line 3: a key must be a text, a number or a boolean"],
    [`${head}a: *secret`, "document 1, line 3: an alias has no anchor before it"],
    ["- secret", "document 1, line 1: this is no object, but a list or a single value"],
    ["# one\n---\n---\nsecret", "document 2, line 4: this is no object, but a list or a single value"],
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
      '{"apiVersion":"v1","kind":"A"}\n{"apiVersion":"v1",\n"kind":"A","kind":"B"}',
      "document 2, line 3: a key is given twice: remove one",
    ],
  ])("%j", async (text, message) => {
    const error = await parseManifests(text, { source: "a.yaml" }).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: `a.yaml, ${message}` });
    expect(String(error)).not.toContain("secret");
  });

  it("aliases that expand without end", async () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]`);
    await expect(parseManifests(`${head}a0: &a0 [x]\n${levels.join("\n")}`)).rejects.toThrow(
      "the manifest, document 1, line 1: aliases expand without end: write the values out",
    );
  });
});
