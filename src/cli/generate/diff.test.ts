import { describe, expect, it } from "vitest";
import { unifiedDiff } from "./diff.js";

const names = { before: "a", after: "b" };
const numbers = Array.from({ length: 20 }, (_, index) => `${index + 1}\n`);

describe("a diff", () => {
  it.each([
    { title: "of equal texts is empty", before: "x\n", after: "x\n", diff: "" },
    { title: "of a new file", before: "", after: "x\ny\n", diff: "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y\n" },
    { title: "of a file that goes", before: "x\n", after: "", diff: "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-x\n" },
    {
      title: "shows three lines around a change",
      before: numbers.join(""),
      after: numbers.with(9, "ten\n").join(""),
      diff: "--- a\n+++ b\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n",
    },
    {
      title: "has a hunk for each of two distant changes",
      before: numbers.join(""),
      after: numbers.with(0, "one\n").with(19, "twenty\n").join(""),
      diff: "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -17,4 +17,4 @@\n 17\n 18\n 19\n-20\n+twenty\n",
    },
    {
      title: "has one hunk for two near changes",
      before: numbers.join(""),
      after: numbers.with(4, "five\n").with(9, "ten\n").join(""),
      diff: "--- a\n+++ b\n@@ -2,12 +2,12 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n",
    },
    {
      title: "keeps what is common in the middle",
      before: "a\nb\nc\n",
      after: "x\nb\ny\n",
      diff: "--- a\n+++ b\n@@ -1,3 +1,3 @@\n-a\n+x\n b\n-c\n+y\n",
    },
  ])("$title", ({ before, after, diff }) => {
    expect(unifiedDiff(before, after, names)).toBe(diff);
  });

  it("of texts too long to compare shows the middle replaced", () => {
    const diff = unifiedDiff(long("a"), long("b"), names);
    expect(diff).toContain("@@ -1,2100 +1,2100 @@\n-a0\n");
  });
});

function long(word: string): string {
  return Array.from({ length: 2100 }, (_, index) => `${word}${index}\n`).join("");
}
