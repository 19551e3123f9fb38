import { describe, expect, it } from "vitest";
import { KindredError } from "./errors.js";
import {
  ApiError,
  isAlreadyExists,
  isBadRequest,
  isConflict,
  isExpired,
  isForbidden,
  isInternalError,
  isInvalid,
  isNotFound,
  isServiceUnavailable,
  isStatus,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
  type Status,
  statusOf,
} from "./status.js";

const request = { method: "GET", path: "/api/v1/namespaces/ns/pods/a" };
const failure = (code: number | undefined, reason?: string, more: Partial<Status> = {}): ApiError =>
  new ApiError(
    {
      apiVersion: "v1",
      kind: "Status",
      metadata: {},
      status: "Failure",
      ...(code !== undefined && { code }),
      ...(reason !== undefined && { reason }),
      ...more,
    },
    request,
  );

const predicates = {
  isAlreadyExists,
  isBadRequest,
  isConflict,
  isExpired,
  isForbidden,
  isInternalError,
  isInvalid,
  isNotFound,
  isServiceUnavailable,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
};

describe("a refusal is told apart by its reason, and by its code only where the reason says nothing", () => {
  it.each<[number | undefined, string | undefined, readonly (keyof typeof predicates)[]]>([
    [404, "NotFound", ["isNotFound"]],
    [404, undefined, ["isNotFound"]],
    [404, "", ["isNotFound"]],
    [404, "SomethingNew", ["isNotFound"]],
    [undefined, "NotFound", ["isNotFound"]],
    [409, "AlreadyExists", ["isAlreadyExists"]],
    [409, "Conflict", ["isConflict"]],
    [409, undefined, ["isConflict"]],
    [410, "Expired", ["isExpired"]],
    [410, "Gone", ["isExpired"]],
    [410, undefined, ["isExpired"]],
    [401, "Unauthorized", ["isUnauthorized"]],
    [403, "Forbidden", ["isForbidden"]],
    [422, "Invalid", ["isInvalid"]],
    [400, "BadRequest", ["isBadRequest"]],
    [429, "TooManyRequests", ["isTooManyRequests"]],
    [500, "InternalError", ["isInternalError"]],
    [503, "ServiceUnavailable", ["isServiceUnavailable"]],
    [504, "Timeout", ["isTimeout"]],
    [500, "NotFound", ["isNotFound"]],
    [418, undefined, []],
    [undefined, undefined, []],
  ])("%s %s", (code, reason, expected) => {
    const error = failure(code, reason);
    const said = Object.entries(predicates).flatMap(([name, holds]) => (holds(error) ? [name] : []));
    expect(said).toEqual(expected);
  });

  it.each([undefined, null, "NotFound", new Error("404"), { code: 404, reason: "NotFound" }])(
    "and %s is none of them",
    (value) => {
      expect(Object.values(predicates).some((holds) => holds(value))).toBe(false);
    },
  );
});

describe("ApiError", () => {
  it("carries the whole Status, the method and the path, and says all of it", () => {
    const status: Status = {
      apiVersion: "v1",
      kind: "Status",
      metadata: {},
      status: "Failure",
      code: 422,
      reason: "Invalid",
      message: 'Pod "a" is invalid: spec.containers: Required value',
      details: { name: "a", kind: "Pod", causes: [{ field: "spec.containers", reason: "FieldValueRequired" }] },
    };
    const error = new ApiError(status, request);
    expect(error).toBeInstanceOf(KindredError);
    expect(error).toMatchObject({
      name: "ApiError",
      code: "API",
      status,
      ...request,
      statusCode: 422,
      reason: "Invalid",
    });
    expect(error.message).toBe(
      'GET /api/v1/namespaces/ns/pods/a: 422 Invalid: Pod "a" is invalid: spec.containers: Required value',
    );
  });

  it.each([
    [failure(401, "Unauthorized", { message: "Unauthorized" }), /log in again\)$/],
    [
      failure(403, "Forbidden", { message: 'pods is forbidden: User "system:anonymous" cannot list resource "pods"' }),
      /saw no credentials that it knows.*no passwords\)$/,
    ],
    [failure(403, "Forbidden", { message: 'User "x" cannot get resource "pods"' }), /grant it with a Role/],
    [failure(403, "Forbidden", { message: "exceeded quota" }), /403 Forbidden: exceeded quota$/],
    [failure(410, "Expired", { message: "too old" }), /list again without it\)$/],
    [failure(404, "NotFound", { message: 'pods "a" not found' }), /404 NotFound: pods "a" not found$/],
    [failure(500), /500: the server sent no message$/],
  ])("names the cure where the server does not: %s", (error, expected) => {
    expect(error.message).toMatch(expected);
  });

  it("prefers the header's Retry-After to the Status' own", () => {
    const status = failure(429, "TooManyRequests", { details: { retryAfterSeconds: 1 } }).status;
    expect(new ApiError(status, request).retryAfterSeconds).toBe(1);
    expect(new ApiError(status, { ...request, retryAfterSeconds: 7 }).retryAfterSeconds).toBe(7);
  });

  it("keeps the token that goes on after an expired page", () => {
    expect(failure(410, "Expired", { metadata: { continue: "next" } }).status.metadata.continue).toBe("next");
  });

  it("has no code and no reason where the server named none", () => {
    expect(failure(undefined)).toMatchObject({ statusCode: 0, reason: "" });
  });
});

describe("the Status of a failed response", () => {
  it("is the body, if that is one", () => {
    const body = failure(404, "NotFound").status;
    expect(statusOf(404, body)).toEqual(body);
  });

  it("gets the code and the metadata that its body left out", () => {
    expect(statusOf(503, { kind: "Status", message: "no" })).toEqual({
      kind: "Status",
      message: "no",
      metadata: {},
      code: 503,
    });
  });

  it.each([
    [404, "404 page not found\n", "NotFound", "404 page not found"],
    [502, "<html>Bad Gateway</html>", "", "<html>Bad Gateway</html>"],
    [503, "", "ServiceUnavailable", "the server sent no explanation"],
    [401, undefined, "Unauthorized", "the server sent no explanation"],
    [429, { error: "slow down" }, "TooManyRequests", "the server sent no explanation"],
    [500, "x".repeat(600), "InternalError", `${"x".repeat(500)}… (600 characters)`],
  ])("of %i with the body %j stands in for it", (code, body, reason, message) => {
    expect(statusOf(code, body)).toEqual({
      apiVersion: "v1",
      kind: "Status",
      metadata: {},
      status: "Failure",
      code,
      reason,
      message,
    });
  });

  it.each([
    [{ kind: "Status" }, true],
    [{ kind: "Pod" }, false],
    [null, false],
    ["Status", false],
  ])("is told from an object by its kind: %j", (value, expected) => {
    expect(isStatus(value)).toBe(expected);
  });
});
