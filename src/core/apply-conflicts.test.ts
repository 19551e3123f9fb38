import { expect, it } from "vitest";
import { applyConflicts } from "./apply-conflicts.js";
import { ApiError, type StatusCause } from "./status.js";

function conflict(...causes: readonly StatusCause[]): ApiError {
  const details = { causes: [...causes] };
  return new ApiError(
    { apiVersion: "v1", kind: "Status", metadata: {}, code: 409, reason: "Conflict", details },
    { method: "PATCH", path: "/a" },
  );
}

it.each<[string, object]>([
  ['conflict with "kubectl"', { manager: "kubectl" }],
  [
    'conflict with "hpa" with subresource "scale" using apps/v1',
    { manager: "hpa", subresource: "scale", apiVersion: "apps/v1" },
  ],
  ['conflict with "kubectl-edit" using v1 at 2026-01-01T00:00:00Z', { manager: "kubectl-edit", apiVersion: "v1" }],
  ['conflict with "a \\"quoted\\" one" using v1', { manager: 'a "quoted" one', apiVersion: "v1" }],
  ['conflict with "odd\\x00" using v1', { manager: "odd\\x00", apiVersion: "v1" }],
  ["in words of another server", { manager: "" }],
])("a conflict names the field and its manager: %s", (message, expected) => {
  const error = conflict({ reason: "FieldManagerConflict", message, field: ".spec.replicas" });
  expect(applyConflicts(error)).toEqual([{ field: ".spec.replicas", ...expected }]);
});

it("every field is named, and causes of another sort are not", () => {
  const error = conflict(
    { reason: "FieldManagerConflict", message: 'conflict with "a"', field: ".a" },
    { reason: "FieldValueInvalid", message: "no", field: ".b" },
    { reason: "FieldManagerConflict", message: 'conflict with "c"', field: ".c" },
  );
  expect(applyConflicts(error).map(({ field, manager }) => [field, manager])).toEqual([
    [".a", "a"],
    [".c", "c"],
  ]);
});

it.each([new Error("no"), undefined, conflict()])("what is no such conflict has none: %s", (error) => {
  expect(applyConflicts(error)).toEqual([]);
});
