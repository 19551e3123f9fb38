import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeCollection } from "../../test/support/fake-collection.js";
import { KindredError } from "../core/index.js";
import { watchObject } from "./watch-object.js";

let clock: FakeClock;
let things: FakeCollection;
let abort: AbortController;
let states: string[];

beforeEach(() => {
  clock = new FakeClock();
  things = new FakeCollection();
  abort = new AbortController();
  states = [];
});

afterEach(() => abort.abort());

/** The fake knows no fields, so the one object is all that there may be. */
function follow(): Promise<unknown> {
  const run = async () => {
    for await (const state of watchObject(things, "a", { clock, signal: abort.signal }))
      states.push(state.type === "present" ? `present ${state.object.spec.value}` : state.type);
  };
  return run().catch((error: unknown) => error);
}

test("an object that is not there is absent, then present with each change, then absent again", async () => {
  void follow();
  await settle();
  things.put("a", 1);
  things.put("a", 2);
  things.remove("a");
  await settle();
  expect(states).toEqual(["absent", "present 1", "present 2", "absent"]);
  expect(things.calls).toMatchObject([
    { type: "page", options: { fields: { "metadata.name": "a" } } },
    { type: "watch", options: { fields: { "metadata.name": "a" } } },
  ]);
});

test("an object that is there is present", async () => {
  things.put("a", 1);
  void follow();
  await settle();
  expect(states).toEqual(["present 1"]);
});

test("one that vanished while nobody was connected is absent once that is known, and not before", async () => {
  things.put("a", 1);
  void follow();
  await settle();
  things.drop(new KindredError("CONNECTION", "reset"));
  things.remove("a");
  things.compact();
  await settle();
  expect(states).toEqual(["present 1", "error"]);
  await clock.advance(2_400);
  expect(states.filter((state) => state !== "error")).toEqual(["present 1", "absent"]);
});

test("an abort ends it with its reason", async () => {
  const ended = follow();
  await settle();
  const reason = new Error("enough");
  abort.abort(reason);
  expect(await ended).toBe(reason);
});
