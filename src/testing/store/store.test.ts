import { expect, test } from "vitest";
import { Store } from "./store.js";

test("an older version of a collection has what came, went and changed since as it was", () => {
  const store = new Store({ now: () => 0 });
  for (const key of ["a", "c", "d"]) store.put("things", key, { metadata: {}, text: "old" });
  const then = store.revision;
  store.put("things", "b", { metadata: {} });
  store.put("things", "a", { metadata: {}, text: "new" });
  store.put("things", "a", { metadata: {}, text: "newer" });
  store.remove("things", "d");
  store.remove("things", "b");
  store.put("others", "c", { metadata: {} });

  const past = store.snapshotAt("things", then);
  expect(past?.revision).toBe(then);
  const keys = [...(past?.keys ?? [])];
  expect(keys).toEqual(["a", "c", "d"]);
  expect(keys.map((key) => past?.get(key)?.["text"])).toEqual(["old", "old", "old"]);
  expect(past?.get("b")).toBeUndefined();
  expect([...(store.snapshotAt("things", then + 1)?.keys ?? [])]).toEqual(["a", "b", "c", "d"]);
  expect([...store.snapshot("things").keys]).toEqual(["a", "c"]);
});

test("changes are forgotten one by one as they grow too old", () => {
  let now = 0;
  const store = new Store({ now: () => now, windowMs: 10 });
  const compacted = [0, 1, 11, 12].map((at) => {
    now = at;
    store.put("things", `key-${at}`, { metadata: {} });
    return store.compactedRevision;
  });
  expect(compacted).toEqual([0, 0, 1, 2]);
  expect(store.nextChange("things", 1)).toBe("expired");
  expect(store.nextChange("things", 2)).toMatchObject({ key: "key-11" });
});
