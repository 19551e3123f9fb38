/** Assertions about answers that say no. */

import { expect } from "vitest";
import type { Answer } from "./server.js";

/** What a Status must say. */
export interface ExpectedStatus {
  readonly code: number;
  /** `undefined` if the Status has no reason. */
  readonly reason: string | undefined;
  /** Exact, or a pattern. */
  readonly message?: string | RegExp;
  /** Exact, or a part by `expect.objectContaining`. `undefined` if there must be none. */
  readonly details?: unknown;
}

/** Asserts that an answer is a failure: a whole Status, of a code and a reason, whose code is the answer's. */
export function expectFailure(answer: Answer, expected: ExpectedStatus): void {
  expect(answer.json).toMatchObject({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" });
  expect(answer.json).toMatchObject(matcherOf(expected));
  expect(answer.status).toBe(expected.code);
  expect(answer.header("content-type")).toBe("application/json");
  if ("details" in expected && expected.details === undefined) expect(answer.json).not.toHaveProperty("details");
  if (expected.reason === undefined) expect(answer.json).not.toHaveProperty("reason");
}

/** The part of a Status that an expectation is about. */
export function matcherOf({ code, reason, message, details }: ExpectedStatus): object {
  return {
    code,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined
      ? {}
      : { message: typeof message === "string" ? message : expect.stringMatching(message) }),
    ...(details === undefined ? {} : { details }),
  };
}

/** Asserts that an answer's object is invalid: 422 with these causes, as `[reason, field, message]`. */
export function expectInvalid(
  answer: Answer,
  message: string | RegExp,
  causes: readonly (readonly [string, string, string | RegExp])[],
): void {
  expectFailure(answer, {
    code: 422,
    reason: "Invalid",
    message,
    details: expect.objectContaining({
      causes: causes.map(([reason, field, text]) => ({
        reason,
        field,
        message: typeof text === "string" ? text : expect.stringMatching(text),
      })),
    }),
  });
}

/** Escapes text for use in a pattern. */
export function literal(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}
