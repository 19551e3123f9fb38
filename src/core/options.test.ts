import { expect, it } from "vitest";
import type { ApplyOptions, DeleteOptions, GetOptions, ListOptions, WatchOptions, WriteOptions } from "./options.js";

it("undefined is the same as absent, so that what may be missing can be passed on", () => {
  const text: string | undefined = process.env["KINDRED_TEST_IS_NOT_SET"];
  const yes: boolean | undefined = text === undefined ? undefined : true;
  const get: GetOptions = { resourceVersion: text };
  const list: ListOptions = { labels: text, fields: text, limit: undefined, continue: text, resourceVersion: text };
  const watch: WatchOptions = { labels: text, bookmarks: yes, sendInitialEvents: yes, timeoutSeconds: undefined };
  const write: WriteOptions = { manager: text, dryRun: yes, fieldValidation: undefined };
  const remove: DeleteOptions = { preconditions: { uid: text, resourceVersion: text }, propagationPolicy: undefined };
  for (const options of [get, list, watch, write, remove]) expect(JSON.stringify(options)).toMatch(/^\{.*\}$/);
});

it("an apply needs a manager, and options are a closed set", () => {
  // @ts-expect-error -- without a manager nobody would own the fields
  const nobody: ApplyOptions = { force: true };
  // @ts-expect-error -- the name in the API is labelSelector, and ours is labels
  const list: ListOptions = { labelSelector: "a=b" };
  // @ts-expect-error -- one of three
  const write: WriteOptions = { fieldValidation: "strict" };
  expect([nobody, list, write]).toHaveLength(3);
});
