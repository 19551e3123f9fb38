/** What a test must not leave behind: rejections and exceptions that nobody handles. */

import { afterEach, beforeEach, expect } from "vitest";

/** Fails every test of the file in which a rejection or an exception goes unhandled. */
export function refuseUnhandled(): void {
  const unhandled: unknown[] = [];
  const record = (error: unknown) => unhandled.push(error);
  beforeEach(() => {
    unhandled.length = 0;
    process.on("unhandledRejection", record).on("uncaughtException", record);
  });
  afterEach(async () => {
    await turn();
    process.off("unhandledRejection", record).off("uncaughtException", record);
    expect(unhandled).toEqual([]);
  });
}

/** One turn of the event loop: what was due before it has happened. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
