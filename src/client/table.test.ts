import { describe, expect, expectTypeOf, it } from "vitest";
import { type Answer, ScriptedTransport } from "../../test/support/scripted-transport.js";
import {
  defineKind,
  type NamespacedObject,
  type NamespacedObjectMeta,
  type PartialObjectMetadata,
  type Table,
} from "../core/index.js";
import { Client } from "./client.js";

interface Note extends NamespacedObject<"example.dev/v1", "Note"> {
  spec: { text: string };
}
const Note = defineKind<Note>()({
  group: "example.dev",
  version: "v1",
  kind: "Note",
  plural: "notes",
  scope: "Namespaced",
});
const base = "/apis/example.dev/v1/namespaces/ns/notes";
const column = { name: "Name", type: "string", format: "name", description: "", priority: 0 };

function table(
  names: readonly string[],
  { columns = [column], metadata = { resourceVersion: "9" } }: { columns?: unknown; metadata?: object } = {},
) {
  const rows = names.map((name) => ({ cells: [name], object: null }));
  return { apiVersion: "meta.k8s.io/v1", kind: "Table", metadata, columnDefinitions: columns, rows };
}

function over(...answers: readonly Answer[]) {
  const script = new ScriptedTransport(...answers);
  const everywhere = new Client({ transport: script.transport, server: "https://test" }).api(Note);
  return { script, everywhere, notes: everywhere.namespace("ns") };
}

describe("a table", () => {
  it("is asked for as one, with as much of each object as wanted", async () => {
    const { script, notes, everywhere } = over({ body: table(["a"]) }, { body: table(["a"]) }, { body: table(["a"]) });
    expect((await notes.table().get("a")).rows).toEqual([{ cells: ["a"], object: null }]);
    await notes.table({ includeObject: "Object" }).page({ labels: "a=b", limit: 1 });
    await everywhere.table({ includeObject: "None" }).page();
    expect(script.lines).toEqual([
      `GET ${base}/a`,
      `GET ${base}?labelSelector=a%3Db&limit=1&includeObject=Object`,
      "GET /apis/example.dev/v1/notes?includeObject=None",
    ]);
    expect(new Set(script.requests.map(({ headers }) => headers["accept"]))).toEqual(
      new Set(["application/json;as=Table;g=meta.k8s.io;v=v1"]),
    );
  });

  it("of a list is put together from all pages", async () => {
    const { script, notes } = over(
      { body: table(["a"], { metadata: { resourceVersion: "9", continue: "t", remainingItemCount: 2 } }) },
      { body: table(["b", "c"], { metadata: { resourceVersion: "9" } }) },
    );
    const whole = await notes.table().list({ pageSize: 1 });
    expect(whole.rows.map(({ cells }) => cells[0])).toEqual(["a", "b", "c"]);
    expect(whole).toMatchObject({ kind: "Table", metadata: { resourceVersion: "9" }, columnDefinitions: [column] });
    expect(whole.metadata).toEqual({ resourceVersion: "9" });
    expect(script.lines).toEqual([`GET ${base}?limit=1`, `GET ${base}?limit=1&continue=t`]);
  });

  it("without rows or columns has empty ones", async () => {
    const { notes } = over({ body: { ...table([]), rows: null, columnDefinitions: null } });
    expect(await notes.table().page()).toMatchObject({ rows: [], columnDefinitions: [] });
  });

  it.each([{ kind: "NoteList", items: [] }, { ...table([]), rows: {} }, { kind: "Table" }, "text", null])(
    "that is none is refused: %j",
    async (body) => {
      const { notes } = over({ body: JSON.stringify(body) });
      await expect(notes.table().page()).rejects.toMatchObject({
        code: "PROTOCOL",
        message: `GET ${base}: the server answered with something that is not a Table`,
      });
    },
  );

  it("of a watch has its columns in every event, though the server sends them once", async () => {
    const bookmark = { apiVersion: "example.dev/v1", kind: "Note", metadata: { resourceVersion: "8" } };
    const events = [
      { type: "ADDED", object: table(["a"]) },
      { type: "BOOKMARK", object: bookmark },
      { type: "MODIFIED", object: table(["a"], { columns: null }) },
      { type: "ERROR", object: { kind: "Status", code: 410 } },
    ];
    const { script, notes } = over({ chunks: events.map((event) => `${JSON.stringify(event)}\n`) });
    const seen = [];
    for await (const event of notes.table().watch({ resourceVersion: "5" })) seen.push(event);
    expect(seen).toEqual([events[0], events[1], { type: "MODIFIED", object: table(["a"]) }, events[3]]);
    expect(script.requests[0]?.headers["accept"]).toContain("as=Table");
  });

  it("has rows with what was asked for", () => {
    const { notes, everywhere } = over();
    expectTypeOf(notes.table().get).returns.resolves.toEqualTypeOf<
      Table<PartialObjectMetadata<NamespacedObjectMeta>>
    >();
    expectTypeOf(notes.table({ includeObject: "Object" }).list).returns.resolves.toEqualTypeOf<Table<Note>>();
    expectTypeOf(notes.table({ includeObject: "None" }).page).returns.resolves.toEqualTypeOf<Table<null>>();
    // @ts-expect-error -- which namespace?
    expectTypeOf(everywhere.table().get).not.toBeAny();
  });
});
