import { expect, it } from "vitest";
import { deferManagedFields, unreadManagedFields } from "./managed-fields.js";

const whole = { name: "a", managedFields: [{ manager: "me" }], uid: "u" };
const metadata = () => deferManagedFields({ ...whole, managedFields: 0 }, JSON.stringify(whole.managedFields));

it.each<[string, (of: ReturnType<typeof metadata>) => unknown]>([
  ["as they are", (of) => of],
  ["copied", (of) => ({ ...of })],
  ["assigned", (of) => Object.assign({}, of)],
  ["cloned", (of) => structuredClone(of)],
  ["as JSON", (of) => JSON.parse(JSON.stringify(of))],
  ["by their entries", (of) => Object.fromEntries(Object.entries(of))],
  ["frozen", (of) => Object.freeze(of)],
])("metadata whose managedFields are deferred are equal to others, %s", (_title, use) => {
  const used = use(metadata());
  expect(used).toStrictEqual(whole);
  expect(Object.keys(Object(used))).toEqual(["name", "managedFields", "uid"]);
});

it("a copy does not carry the text along", () => {
  expect(Reflect.ownKeys({ ...metadata() })).toEqual(["name", "managedFields", "uid"]);
});

it("managedFields are parsed once", () => {
  const deferred = metadata();
  expect(deferred["managedFields"]).toBe(deferred["managedFields"]);
  expect(unreadManagedFields(deferred)).toBeUndefined();
});

it("whoever asks for it gets what was parsed before anybody sees it", () => {
  const deferred = metadata();
  const unread = unreadManagedFields(deferred);
  if (unread !== undefined) unread.whenRead = (value) => ({ changed: value });
  expect(deferred["managedFields"]).toEqual({ changed: whole.managedFields });
});

it("managedFields can be set and deleted", () => {
  const deferred: { managedFields?: unknown } = metadata();
  deferred.managedFields = [];
  expect(deferred).toStrictEqual({ ...whole, managedFields: [] });
  delete deferred.managedFields;
  expect(Object.keys(deferred)).toEqual(["name", "uid"]);
});

it("managedFields that are no JSON fail when they are read, and say whose they are", () => {
  const broken = deferManagedFields({ name: "a", managedFields: 0 }, "[secret]");
  expect(() => broken["managedFields"]).toThrow(
    expect.objectContaining({
      code: "PROTOCOL",
      message: 'the managedFields of "a" are not JSON: the server sent them so',
    }),
  );
});

it.each<[string, (of: { managedFields?: unknown }) => void]>([
  ["set", (of) => (of.managedFields = [{}])],
  ["deleted", (of) => delete of.managedFields],
  [
    "deleted and set",
    (of) => {
      delete of.managedFields;
      of.managedFields = [{}];
    },
  ],
])("managedFields that were %s are no longer unread", (_title, change) => {
  const deferred = metadata();
  change(deferred);
  expect(unreadManagedFields(deferred)).toBeUndefined();
});

it("no other metadata have unread managedFields", () => {
  expect(unreadManagedFields(whole)).toBeUndefined();
});
