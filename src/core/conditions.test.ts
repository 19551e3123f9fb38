import { describe, expect, test } from "vitest";
import { type Condition, formatMicroTime, formatTime, setCondition } from "./conditions.js";

const then = "2026-01-01T00:00:00Z";
const now = new Date("2026-11-24T18:51:27.123Z");
const ready = (status: Condition["status"], message = "m"): Omit<Condition, "lastTransitionTime"> => ({
  type: "Ready",
  status,
  reason: "R",
  message,
});
const old: Condition = { ...ready("True"), lastTransitionTime: then };
const other: Condition = { ...old, type: "Other" };

describe("setCondition", () => {
  test.each([
    { title: "none yet", conditions: undefined, set: ready("True"), time: "2026-11-24T18:51:27Z", length: 1 },
    { title: "another is there", conditions: [other], set: ready("True"), time: "2026-11-24T18:51:27Z", length: 2 },
    { title: "the same status", conditions: [other, old], set: ready("True", "new"), time: then, length: 2 },
    { title: "another status", conditions: [old, other], set: ready("False"), time: "2026-11-24T18:51:27Z", length: 2 },
  ])("$title: the time of transition is $time", ({ conditions, set, time, length }) => {
    const result = setCondition(conditions, set, { now });
    expect(result).toHaveLength(length);
    expect(result.find(({ type }) => type === "Ready")).toEqual({ ...set, lastTransitionTime: time });
    expect(result.filter(({ type }) => type === "Other")).toEqual(
      conditions?.filter(({ type }) => type === "Other") ?? [],
    );
  });

  test("edits nothing that it is given, and what is already so stays the same", () => {
    const conditions = Object.freeze([Object.freeze({ ...old })]);
    expect(setCondition(conditions, ready("True"), { now })).toEqual(conditions);
  });
});

test("times are written as the API server writes and takes them", () => {
  expect(formatTime(now)).toBe("2026-11-24T18:51:27Z");
  expect(formatMicroTime(now)).toBe("2026-11-24T18:51:27.123000Z");
});
