import { beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "../../test/support/fake-clock.js";
import { answer, RecordingTransport } from "../../test/support/recording-transport.js";
import { Client } from "../client/index.js";
import { eventRecorder, type EventNote, type EventRecorder } from "./events.js";

const subject = { apiVersion: "example.dev/v1", kind: "Thing", metadata: { name: "a", namespace: "ns", uid: "u1" } };
const note: EventNote = { type: "Normal", reason: "Made", action: "Reconcile", note: "made it" };

let clock: FakeClock;
let server: RecordingTransport;
let events: EventRecorder;

beforeEach(() => {
  clock = new FakeClock();
  let names = 0;
  server = new RecordingTransport((request) =>
    request.method === "POST" ? answer(201, { metadata: { name: `a.${++names}` } }) : answer(200, {}),
  );
  const client = new Client({ transport: server.transport, server: "https://fake" });
  events = eventRecorder(client, { controller: "example.dev/c", instance: "pod-1", clock });
});

test("an event names its subject, who reports it, and when, to the microsecond", async () => {
  await events.record(subject, {
    ...note,
    related: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m", namespace: "ns", uid: "u2" } },
  });
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]).toMatchObject({ method: "POST", url: "/apis/events.k8s.io/v1/namespaces/ns/events" });
  expect(server.bodies[0]).toEqual({
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: { generateName: "a-" },
    eventTime: "2026-01-01T00:00:00.000000Z",
    reportingController: "example.dev/c",
    reportingInstance: "pod-1",
    action: "Reconcile",
    reason: "Made",
    type: "Normal",
    note: "made it",
    regarding: { apiVersion: "example.dev/v1", kind: "Thing", name: "a", namespace: "ns", uid: "u1" },
    related: { apiVersion: "v1", kind: "ConfigMap", name: "m", namespace: "ns", uid: "u2" },
  });
});

test("the same again counts up a series, whatever its note says", async () => {
  await events.record(subject, note);
  await clock.advance(1_000);
  await events.record(subject, { ...note, note: "made it again" });
  await events.record(subject, note);
  expect(server.requests.slice(1).map(({ method, url }) => `${method} ${url}`)).toEqual([
    "PATCH /apis/events.k8s.io/v1/namespaces/ns/events/a.1",
    "PATCH /apis/events.k8s.io/v1/namespaces/ns/events/a.1",
  ]);
  expect(server.bodies.slice(1)).toEqual([
    { series: { count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z" } },
    { series: { count: 3, lastObservedTime: "2026-01-01T00:00:01.000000Z" } },
  ]);
});

describe("begins a new event", () => {
  test.each([
    { title: "for another reason", subject, note: { ...note, reason: "Kept" } },
    { title: "for another object", subject: { ...subject, metadata: { ...subject.metadata, uid: "u9" } }, note },
    { title: "of another type", subject, note: { ...note, type: "Warning" as const } },
  ])("$title", async (other) => {
    await events.record(subject, note);
    await events.record(other.subject, other.note);
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "POST"]);
  });

  test("after six quiet minutes", async () => {
    await events.record(subject, note);
    await clock.advance(359_999);
    await events.record(subject, note);
    await clock.advance(360_000);
    await events.record(subject, note);
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "PATCH", "POST"]);
  });

  test("when the old one has expired on the server", async () => {
    await events.record(subject, note);
    server.respond = ({ method }) => (method === "PATCH" ? answer(404, {}) : answer(201, { metadata: { name: "b" } }));
    await events.record(subject, note);
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "PATCH", "POST"]);
  });
});

test("an event about a cluster-scoped object is kept in the namespace default", async () => {
  await events.record({ ...subject, metadata: { name: "n", uid: "u" } }, note);
  expect(server.requests[0]?.url).toBe("/apis/events.k8s.io/v1/namespaces/default/events");
});

test.each(["x".repeat(2000), "é".repeat(1000), "𝄞".repeat(400)])(
  "a note is cut at 1024 bytes, between characters",
  async (long) => {
    await events.record(subject, { ...note, note: long });
    const { note: sent } = server.bodies[0] as { note: string };
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(sent)).toBeGreaterThan(1015);
    expect(sent.endsWith("…")).toBe(true);
    expect(sent).not.toContain("�");
  },
);

test("a refusal is the caller's to know", async () => {
  server.respond = () => answer(403, {});
  await expect(events.record(subject, note)).rejects.toMatchObject({ code: "API" });
});
