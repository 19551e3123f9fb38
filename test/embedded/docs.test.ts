/** The example in docs/testing.md is a file that runs. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "../support/compile.js";

test("docs/testing.md shows example.test.ts as it is", () => {
  const read = (path: string) => readFileSync(join(repository, path), "utf8");
  const [, shown] = /^```ts\n(.*?)^```$/ms.exec(read("docs/testing.md")) ?? [];
  expect(shown).toBe(read("test/embedded/example.test.ts"));
});
