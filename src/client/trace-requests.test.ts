import { expect, test } from "vitest";
import { answer, RecordingTransport } from "../../test/support/recording-transport.js";
import { defineKind, type NamespacedObject, type Span, type Tracer } from "../core/index.js";
import { Client } from "./client.js";
import { traceRequests } from "./trace-requests.js";

const Thing = defineKind<NamespacedObject<"v1", "Thing">>()({
  group: "",
  version: "v1",
  kind: "Thing",
  plural: "things",
  scope: "Namespaced",
});

test.each([
  { status: 200, marks: {} },
  { status: 404, marks: { status: 2 } },
])("a request that is answered $status has a span without query, headers and body", async ({ status, marks }) => {
  const spans: Record<string, unknown>[] = [];
  const tracer: Tracer = {
    startActiveSpan(name, options, work) {
      const record: Record<string, unknown> = { name, kind: options.kind, ...options.attributes };
      spans.push(record);
      const span: Span = {
        setAttribute: (key, value) => (record[key] = value),
        recordException: () => {},
        setStatus: ({ code }) => (record["status"] = code),
        end: () => {
          record["ended"] = true;
        },
      };
      return work(span);
    },
  };
  const server = new RecordingTransport(() => answer(status, { kind: "Thing" }));
  const client = new Client({
    transport: server.transport,
    server: "https://fake",
    middleware: [traceRequests(tracer)],
  });
  await client.api(Thing).namespace("ns").getOptional("a", { resourceVersion: "0" });
  expect(spans).toEqual([
    {
      name: "GET /api/v1/namespaces/ns/things/a",
      kind: 2,
      "http.request.method": "GET",
      "url.path": "/api/v1/namespaces/ns/things/a",
      "http.response.status_code": status,
      ended: true,
      ...marks,
    },
  ]);
});
