import { expect, test } from "vitest";
import { formatRequest } from "./request-line.js";

const at = new Date(2026, 0, 1, 9, 5, 7);
const answered = {
  method: "GET",
  url: "/api/v1/pods?limit=500",
  status: 200,
  durationMs: 2.4,
  userAgent: "kubectl/v1 (x)",
};

test.each([
  [{ ...answered, events: undefined }, "09:05:07 200 GET    /api/v1/pods?limit=500  2 ms  kubectl"],
  [
    { ...answered, events: 1, durationMs: 65_200 },
    "09:05:07 200 GET    /api/v1/pods?limit=500  65.2 s  watch ended, 1 event  kubectl",
  ],
  [{ ...answered, events: 0 }, "09:05:07 200 GET    /api/v1/pods?limit=500  2 ms  watch ended, 0 events  kubectl"],
  [{ ...answered, status: 0, userAgent: "", events: undefined }, "09:05:07 --- GET    /api/v1/pods?limit=500  2 ms"],
  [{ ...answered, url: "/\u001b[2Jx", events: undefined }, "09:05:07 200 GET    /?[2Jx  2 ms  kubectl"],
])("a request is one line that steers no terminal", (request, line) => {
  expect(formatRequest(request, at)).toBe(line);
});
