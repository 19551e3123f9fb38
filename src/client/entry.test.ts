import { describe, expect, expectTypeOf, it } from "vitest";
import { type Answer, ScriptedTransport } from "../../test/support/scripted-transport.js";
import { defineKind, type NamespacedObject } from "../core/index.js";
import { Client } from "./client.js";
import type { RetryClock } from "./clock.js";

interface Note extends NamespacedObject<"example.dev/v1", "Note"> {
  spec: { text: string; more?: string[] };
}
const Note = defineKind<Note>()({
  group: "example.dev",
  version: "v1",
  kind: "Note",
  plural: "notes",
  scope: "Namespaced",
});

const base = "/apis/example.dev/v1/namespaces/ns/notes";
const note = (text: string, resourceVersion = "5"): Note => ({
  apiVersion: "example.dev/v1",
  kind: "Note",
  metadata: { name: "a", namespace: "ns", uid: "u", resourceVersion, creationTimestamp: "2026-01-01T00:00:00Z" },
  spec: { text },
});
const refusal = (code: number, reason: string): Answer => ({ status: code, body: { kind: "Status", code, reason } });
const notFound = refusal(404, "NotFound");
const conflict = refusal(409, "Conflict");
const alreadyExists = refusal(409, "AlreadyExists");

function over(...answers: readonly Answer[]) {
  const script = new ScriptedTransport(...answers);
  const client = new Client({ transport: script.transport, server: "https://test" });
  const waits: number[] = [];
  const clock: RetryClock = {
    now: () => 0,
    random: () => 0,
    sleep: async (ms) => void waits.push(ms),
  };
  const entry = client
    .api(Note)
    .namespace("ns")
    .entry("a")
    .orInsert(() => ({ spec: { text: "new" } }))
    .andModify((draft) => {
      draft.spec.text += "!";
    });
  return { script, waits, clock, entry, notes: client.api(Note).namespace("ns") };
}

describe("an entry", () => {
  it("sends nothing before its commit", () => {
    expect(over().script.requests).toEqual([]);
  });

  it("creates what is not there, under its own name, and does not edit it", async () => {
    const { script, entry } = over(notFound, { body: note("new") });
    expect(await entry.commit({ manager: "me" })).toEqual({ type: "created", object: note("new") });
    expect(script.lines).toEqual([`GET ${base}/a`, `POST ${base}?fieldManager=me`]);
    expect(JSON.parse(String(script.requests[1]?.body))).toMatchObject({
      metadata: { name: "a" },
      spec: { text: "new" },
    });
  });

  it("replaces what is there, guarded by the version that was read", async () => {
    const { script, entry } = over({ body: note("old") }, { body: note("old!", "6") });
    expect(await entry.commit()).toEqual({ type: "replaced", object: note("old!", "6") });
    expect(script.lines).toEqual([`GET ${base}/a`, `PUT ${base}/a`]);
    expect(JSON.parse(String(script.requests[1]?.body))).toEqual(note("old!"));
  });

  it("sends nothing if nothing changed, and edits in order", async () => {
    const { script, entry } = over({ body: note("old") });
    const undone = entry.andModify(async (draft) => {
      draft.spec.text = draft.spec.text.slice(0, -1);
    });
    expect(await undone.commit()).toEqual({ type: "unchanged", object: note("old") });
    expect(script.lines).toEqual([`GET ${base}/a`]);
  });

  it("hands on its options, dryRun for one", async () => {
    const { script, entry } = over({ body: note("old") }, { body: note("old!") });
    await entry.commit({ dryRun: true, fieldValidation: "Strict" });
    expect(script.lines[1]).toBe(`PUT ${base}/a?dryRun=All&fieldValidation=Strict`);
  });

  it.each<[string, readonly Answer[]]>([
    ["changed", [{ body: note("old") }, conflict]],
    ["deleted", [{ body: note("old") }, notFound]],
    ["created", [notFound, alreadyExists]],
  ])("that somebody else has %s in the meantime begins again with what is there now", async (_what, lost) => {
    const { script, waits, clock, entry } = over(
      ...lost,
      { body: note("theirs", "9") },
      { body: note("theirs!", "10") },
    );
    expect(await entry.commit({ clock })).toEqual({ type: "replaced", object: note("theirs!", "10") });
    expect(JSON.parse(String(script.requests[3]?.body))).toEqual(note("theirs!", "9"));
    expect(waits).toEqual([10]);
  });

  it("surfaces the conflict when its attempts are used up", async () => {
    const once = over({ body: note("old") }, conflict);
    await expect(once.entry.commit({ attempts: 1 })).rejects.toMatchObject({ reason: "Conflict" });
    const twice = over({ body: note("old") }, conflict, notFound, alreadyExists);
    await expect(twice.entry.commit({ attempts: 2, clock: twice.clock })).rejects.toMatchObject({
      reason: "AlreadyExists",
    });
  });

  it("without orInsert fails if there is no such object, and any other refusal is final", async () => {
    const { script, notes } = over(notFound);
    await expect(notes.entry("a").commit()).rejects.toMatchObject({ reason: "NotFound", method: "GET" });
    expect(script.requests).toHaveLength(1);
    await expect(over(refusal(403, "Forbidden")).entry.commit()).rejects.toMatchObject({ statusCode: 403 });
  });

  it.each<[string, (draft: Note) => void]>([
    ["name", (draft) => void (draft.metadata.name = "b")],
    ["namespace", (draft) => void (draft.metadata.namespace = "other")],
    ["uid", (draft) => void (draft.metadata.uid = "other")],
    ["resourceVersion", (draft) => void (draft.metadata.resourceVersion = "")],
  ])("does not let an edit change metadata.%s", async (field, edit) => {
    const { script, entry } = over({ body: note("old") });
    await expect(entry.andModify(edit).commit()).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: `entry "a": andModify changed metadata.${field}, which says which object it is: leave it as it was read`,
    });
    expect(script.requests).toHaveLength(1);
  });

  it("does not insert an object of another name", async () => {
    const { notes } = over(notFound);
    const wrong = notes.entry("a").orInsert(() => ({ metadata: { name: "b" }, spec: { text: "" } }));
    await expect(wrong.commit()).rejects.toThrow('orInsert makes an object of another name, "b": leave the name out');
  });

  it("leaves the entry that it was made from as it is", async () => {
    const { notes } = over({ body: note("old") });
    const plain = notes.entry("a");
    plain.andModify((draft) => void (draft.spec.text = "other"));
    expect((await plain.commit()).type).toBe("unchanged");
  });

  it("is typed: drafts are whole objects, inserts are new ones, and kinds that cannot do it have none", () => {
    const { notes, entry } = over();
    expectTypeOf(entry.commit).returns.resolves.toHaveProperty("object").toEqualTypeOf<Note>();
    const ReadOnly = defineKind<Note>()({ ...Note, verbs: ["get", "list"] });
    const refused = [
      // @ts-expect-error -- the spec is required
      () => entry.orInsert(() => ({})),
      // @ts-expect-error -- the name is the entry's
      () => entry.orInsert(() => ({ metadata: { generateName: "a-" }, spec: { text: "" } })),
      // @ts-expect-error -- not a field
      () => entry.andModify((draft) => void (draft.spec.txt = "")),
      // @ts-expect-error -- this kind is only read
      () => notes.client.api(ReadOnly).namespace("ns").entry,
    ];
    expect(refused).toHaveLength(4);
  });
});
