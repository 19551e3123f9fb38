import { describe, expect, expectTypeOf, it } from "vitest";
import { answer, RecordingTransport } from "../../test/support/recording-transport.js";
import { type DynamicObject, statusOf } from "../core/index.js";
import { Client } from "./client.js";
import { Discovery } from "./discovery.js";
import { exchangeOver } from "./exchange.js";
import type { TransportRequest, TransportResponse } from "./transport.js";

const pods = {
  resource: "pods",
  responseKind: { kind: "Pod" },
  scope: "Namespaced",
  singularResource: "pod",
  shortNames: ["po"],
  categories: ["all"],
  verbs: ["get", "list"],
};
const widgets = {
  ...pods,
  resource: "widgets",
  responseKind: { kind: "Widget" },
  singularResource: "widget",
  shortNames: [],
};

function groups(...items: readonly (readonly [group: string, ...resources: readonly object[]])[]) {
  return {
    kind: "APIGroupDiscoveryList",
    items: items.map(([name, ...resources]) => ({ metadata: { name }, versions: [{ version: "v1", resources }] })),
  };
}

interface World {
  now: number;
  readonly discovery: Discovery;
  readonly lines: () => readonly string[];
  readonly transport: RecordingTransport;
  documents: Record<string, unknown>;
}

/** A server of documents by path: a text is an entity tag's, a number a refusal. */
function world(documents: Record<string, unknown>): World {
  const transport = new RecordingTransport((request) => respond(request, made.documents));
  const made: World = {
    now: 0,
    documents,
    transport,
    lines: () => transport.requests.map(({ url }) => url),
    discovery: new Discovery(exchangeOver(transport.transport, { userAgent: "test" }), { now: () => made.now }),
  };
  return made;
}

function respond({ url, headers }: TransportRequest, documents: Record<string, unknown>): TransportResponse {
  const document = documents[url] ?? 404;
  if (typeof document === "number") return answer(document, statusOf(document, `${document} for ${url}`));
  const etag = JSON.stringify(JSON.stringify(document).length);
  if (headers["if-none-match"] === etag) return { ...answer(304, undefined), bytes: async () => new Uint8Array() };
  return { ...answer(200, document), headers: { etag } };
}

const modern = () => world({ "/api": groups(["", pods]), "/apis": groups(["example.dev", widgets]) });

describe("discovery", () => {
  it("asks for two documents at the first question, and for no more after it", async () => {
    const { discovery, lines, transport } = modern();
    expect(lines()).toEqual([]);
    const [pod, widget] = await Promise.all([discovery.resolve("po"), discovery.resolve("widgets.example")]);
    expect([pod, widget]).toMatchObject([
      { group: "", kind: "Pod" },
      { group: "example.dev", version: "v1", kind: "Widget" },
    ]);
    expect(await discovery.kindOf({ apiVersion: "example.dev/v1", kind: "Widget" })).toBe(widget);
    expect(lines()).toEqual(["/api", "/apis"]);
    expect(transport.requests[0]?.headers["accept"]).toMatch(/^application\/json;g=apidiscovery.k8s.io;v=v2;as=API/);
  });

  it("gives descriptors of dynamic kinds", async () => {
    const { transport } = modern();
    const client = new Client({ transport: transport.transport, server: "https://test" });
    const api = client.api(await client.discovery.resolve("po")).namespace("a");
    expect(api.target).toMatchObject({ namespace: "a", kind: { plural: "pods" } });
    expectTypeOf(api.get).returns.resolves.toEqualTypeOf<DynamicObject>();
  });

  it("asks again for a name that it does not know, at most every two seconds", async () => {
    const made = modern();
    await made.discovery.apis();
    made.documents = {
      ...made.documents,
      "/apis": groups(["example.dev", widgets], ["new.dev", { ...pods, resource: "news" }]),
    };
    made.now = 1999;
    await expect(made.discovery.resolve("news")).rejects.toMatchObject({ code: "UNKNOWN_KIND" });
    expect(made.lines()).toHaveLength(2);
    made.now = 2000;
    const found = await Promise.all([
      made.discovery.resolve("news"),
      made.discovery.resolve("news.new.dev"),
      made.discovery.kindOf({ apiVersion: "new.dev/v1", kind: "Pod" }),
    ]);
    expect(new Set(found).size).toBe(1);
    expect(made.lines()).toHaveLength(4);
  });

  it("is not sent again what has not changed", async () => {
    const made = modern();
    const before = await made.discovery.apis();
    made.documents = { ...made.documents, "/apis": groups(["example.dev", { ...widgets, verbs: [] }]) };
    const after = await made.discovery.refresh();
    expect(made.transport.requests[2]?.headers).toHaveProperty("if-none-match");
    expect(after.kinds[0]).toBe(before.kinds[0]);
    expect(after.kinds[1]?.verbs).toEqual([]);
  });

  it("goes on without a caller that gives up, and stops when nobody waits", async () => {
    const seen: (AbortSignal | undefined)[] = [];
    let go = (_response: TransportResponse) => {};
    const transport = (request: TransportRequest) => {
      seen.push(request.signal);
      return new Promise<TransportResponse>((resolve, reject) => {
        request.signal?.addEventListener("abort", () => reject(request.signal?.reason));
        go = resolve;
      });
    };
    const discovery = new Discovery(exchangeOver(transport, { userAgent: "test" }));
    const [first, second] = [new AbortController(), new AbortController()];
    const calls = [first, second].map(({ signal }) => discovery.resolve("po", { signal }));
    first.abort(new Error("first"));
    await expect(calls[0]).rejects.toThrow("first");
    expect(seen[0]?.aborted).toBe(false);
    second.abort(new Error("second"));
    await expect(calls[1]).rejects.toThrow("second");
    expect(seen[0]?.aborted).toBe(true);
    go(answer(200, {}));
  });
});

describe("an older server", () => {
  const list = (...resources: readonly object[]) => ({ kind: "APIResourceList", resources });
  const documents = {
    "/api": { kind: "APIVersions", versions: ["v1"] },
    "/api/v1": list({
      name: "pods",
      singularName: "pod",
      namespaced: true,
      kind: "Pod",
      verbs: [],
      shortNames: ["po"],
    }),
    "/apis": {
      kind: "APIGroupList",
      groups: [
        { name: "broken.dev", versions: [{ version: "v1" }] },
        { name: "example.dev", versions: [{ version: "v1" }] },
      ],
    },
    "/apis/example.dev/v1": list({ name: "widgets", namespaced: false, kind: "Widget", verbs: ["get"] }),
    "/apis/broken.dev/v1": 503,
  };

  it("is asked for each version of each group, and one that does not answer is reported", async () => {
    const { discovery, lines } = world(documents);
    const { kinds, unavailable } = await discovery.apis();
    expect(kinds.map(({ kind, scope }) => `${kind} ${scope}`)).toEqual(["Pod Namespaced", "Widget Cluster"]);
    expect(unavailable).toMatchObject([
      { group: "broken.dev", version: "v1", message: expect.stringContaining("503") },
    ]);
    expect(lines().toSorted()).toEqual(Object.keys(documents).toSorted());
    await expect(discovery.resolve("gadgets")).rejects.toThrow("(unavailable, and so unknown: broken.dev/v1)");
  });

  it("may have no core group", async () => {
    const { "/api": _, ...rest } = documents;
    const { discovery } = world(rest);
    expect((await discovery.apis()).kinds.map(({ kind }) => kind)).toEqual(["Widget"]);
  });

  it("fails as a whole if its own list fails, or is none", async () => {
    await expect(world({ ...documents, "/apis": 503 }).discovery.apis()).rejects.toMatchObject({ statusCode: 503 });
    const strange = world({ ...documents, "/apis": { kind: "Pod" } });
    await expect(strange.discovery.apis()).rejects.toMatchObject({
      code: "PROTOCOL",
      message: "GET /apis: the server answered with something that is not discovery",
    });
  });
});

describe("what cannot be resolved", () => {
  const ambiguous = () => world({ "/api": groups(["", pods]), "/apis": groups(["a.dev", pods], ["b.dev", widgets]) });

  it.each([
    ["pdos", 'the API server serves no kind named "pdos": is it pods or pods.a.dev?'],
    ["gadgets", 'the API server serves no kind named "gadgets": is it widgets.b.dev?'],
    ["flux", 'the API server serves no kind named "flux": is its CustomResourceDefinition installed?'],
  ])("%s is refused with what it may have meant", async (name, message) => {
    await expect(ambiguous().discovery.resolve(name)).rejects.toMatchObject({ code: "UNKNOWN_KIND", message });
  });

  it("is a name of several groups, if it must be unique", async () => {
    const { discovery } = ambiguous();
    await expect(discovery.resolve("pods", { unique: true })).rejects.toMatchObject({
      code: "UNKNOWN_KIND",
      message: '"pods" may be pods or pods.a.dev: name the group',
    });
    expect((await discovery.resolve("pods")).group).toBe("");
    expect((await discovery.resolve("pods.a.dev", { unique: true })).group).toBe("a.dev");
  });

  it("is a kind in another version, which is told", async () => {
    const { discovery } = ambiguous();
    await expect(discovery.kindOf({ apiVersion: "b.dev/v2", kind: "Widget" })).rejects.toThrow(
      "the API server serves no Widget in b.dev/v2: it is in b.dev/v1",
    );
    await expect(discovery.kindOf({ apiVersion: "b.dev/v1", kind: "Widgt" })).rejects.toThrow(
      "the API server serves no Widgt in b.dev/v1: is it widgets.b.dev?",
    );
  });
});

it("several names and categories are their kinds, each once", async () => {
  const made = modern();
  const { discovery } = made;
  expect((await discovery.resolveAll("widget,all,po")).map(({ plural }) => plural)).toEqual(["widgets", "pods"]);
  await expect(discovery.resolveAll("po,,widget")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(discovery.resolveAll("po,gadget")).rejects.toMatchObject({ code: "UNKNOWN_KIND" });
  made.documents = { ...made.documents, "/api": groups(["", { ...pods, categories: ["added"] }]) };
  made.now = 2000;
  expect((await discovery.resolveAll("added")).map(({ plural }) => plural)).toEqual(["pods"]);
});
