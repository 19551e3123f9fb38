import { describe, expect, test } from "vitest";
import { failureOf } from "./harness.mjs";
import { fixed, type Rotating, rotating } from "./rotating.js";

/** A value whose loads answer a script, at a time that the test sets. */
function scripted(answers: readonly (string | Error)[], options: { validMs?: number; keepsOld?: boolean } = {}) {
  const state = { now: 0, loads: 0 };
  const value: Rotating<string> = rotating(
    async () => {
      const answer = answers[state.loads];
      state.loads += 1;
      if (answer === undefined) throw new TypeError("loaded more often than the test expects");
      if (answer instanceof Error) throw answer;
      return { value: answer, freshUntil: state.now + 100, validUntil: state.now + (options.validMs ?? 1e9) };
    },
    { now: () => state.now, same: (a, b) => a === b, keepsOld: options.keepsOld ?? false },
  );
  return { state, value };
}

const broken = new Error("broken");

describe("a rotating value", () => {
  test("is loaded at the first call, and again once it is no longer fresh", async () => {
    const { state, value } = scripted(["a", "b"]);
    expect(state.loads).toBe(0);
    expect(await value.current()).toBe("a");
    state.now = 99;
    expect(await value.current()).toBe("a");
    state.now = 100;
    expect(await value.current()).toBe("b");
  });

  test("is renewed once for all who used the old one, early and late", async () => {
    const { state, value } = scripted(["a", "b"]);
    await value.current();
    expect(await Promise.all([value.renew("a"), value.renew("a")])).toEqual(["b", "b"]);
    expect(await value.renew("a")).toBe("b");
    expect(state.loads).toBe(2);
  });

  test("is kept while it is valid if loading fails, and loading is not tried again at once", async () => {
    const { state, value } = scripted(["a", broken, broken, "b"]);
    await value.current();
    state.now = 100;
    expect(await value.current()).toBe("a");
    state.now = 10_099;
    expect(await value.current()).toBe("a");
    expect(state.loads).toBe(2);
    state.now = 10_100;
    expect(await value.current()).toBe("a");
    state.now = 20_100;
    expect(await value.current()).toBe("b");
  });

  test("is not kept beyond its validity", async () => {
    const { state, value } = scripted(["a", broken, broken], { validMs: 150 });
    await value.current();
    state.now = 100;
    expect(await value.current()).toBe("a");
    state.now = 150;
    expect(await failureOf(value.current())).toBe(broken);
  });

  test("a renewal that fails throws, or gives the old value if so wanted", async () => {
    const throwing = scripted(["a", broken]);
    await throwing.value.current();
    expect(await failureOf(throwing.value.renew("a"))).toBe(broken);
    const keeping = scripted(["a", broken], { keepsOld: true });
    await keeping.value.current();
    expect(await keeping.value.renew("a")).toBe("a");
  });

  test("a first load that fails throws, and the next call loads again", async () => {
    const { value } = scripted([broken, "a"]);
    expect(await failureOf(value.current())).toBe(broken);
    expect(await value.current()).toBe("a");
  });

  test("a load that all callers gave up is aborted with the reason of the last, and the next call starts another", async () => {
    const reasons: unknown[] = [];
    let loads = 0;
    const value = rotating<string>(
      (signal) => {
        loads += 1;
        if (loads > 1) return Promise.resolve({ value: "b", freshUntil: 1, validUntil: 1 });
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            reject(signal.reason);
          });
        });
      },
      { now: () => 0, same: Object.is },
    );
    const [first, second] = [new AbortController(), new AbortController()];
    const calls = [failureOf(value.current(first.signal)), failureOf(value.current(second.signal))];
    first.abort(new Error("first"));
    expect(reasons).toEqual([]);
    second.abort(new Error("second"));
    expect(await value.current()).toBe("b");
    expect((await Promise.all(calls)).map((error) => error.message)).toEqual(["first", "second"]);
    expect(reasons).toEqual([new Error("second")]);
  });
});

test("a fixed value stays", async () => {
  const value = fixed("a");
  expect([await value.current(), await value.renew("a")]).toEqual(["a", "a"]);
});
