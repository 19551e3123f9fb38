import { expect, expectTypeOf, it } from "vitest";
import { type ErrorCode, invalidArgument, KindredError } from "./errors.js";

it("an error has its code, its message and its cause", () => {
  const cause = new Error("why");
  const error = new KindredError("PROTOCOL", "what", { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "KindredError", code: "PROTOCOL", message: "what", cause });
  expectTypeOf(error.code).toEqualTypeOf<"PROTOCOL">();
  expect(String(error)).toBe("KindredError: what");
});

it("an error without a cause has none", () => {
  expect("cause" in new KindredError("API", "what")).toBe(false);
});

it("a caller's mistake is an INVALID_ARGUMENT", () => {
  const error = invalidArgument("no");
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: "no" });
  expectTypeOf(error.code).toEqualTypeOf<"INVALID_ARGUMENT">();
});

it("codes are a closed set, over which a switch can be complete", () => {
  expectTypeOf<KindredError["code"]>().toEqualTypeOf<ErrorCode>();
  // @ts-expect-error -- not a code
  expect(new KindredError("NOT_A_CODE", "x").code).toBe("NOT_A_CODE");
});
