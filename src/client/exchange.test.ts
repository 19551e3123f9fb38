import { describe, expect, it } from "vitest";
import { type Answer, ScriptedTransport } from "../../test/support/scripted-transport.js";
import { isNotFound } from "../core/index.js";
import type { ApiRequest } from "../core/requests/index.js";
import { exchangeOver } from "./exchange.js";

const get: ApiRequest = {
  method: "GET",
  path: "/api/v1/pods",
  query: [["labelSelector", "a=b"]],
  headers: { accept: "application/json" },
};
const post: ApiRequest = {
  ...get,
  method: "POST",
  query: [],
  body: { n: 9007199254740993n, gone: undefined, x: null },
};

function over(...answers: readonly Answer[]) {
  const script = new ScriptedTransport(...answers);
  const warnings: string[] = [];
  const now = () => Date.parse("2026-10-21T07:28:00Z");
  const onWarning = (warning: string, request: ApiRequest) => void warnings.push(`${request.path}: ${warning}`);
  return { script, warnings, exchange: exchangeOver(script.transport, { userAgent: "test/1", onWarning, now }) };
}

describe("a request", () => {
  it("goes out with its URL, its headers and the User-Agent, and without a body if it has none", async () => {
    const { script, exchange } = over({});
    await exchange.json(get);
    expect(script.requests).toEqual([
      {
        method: "GET",
        url: "/api/v1/pods?labelSelector=a%3Db",
        headers: { "user-agent": "test/1", accept: "application/json" },
      },
    ]);
  });

  it("is written as JSON without loss", async () => {
    const { script, exchange } = over({});
    await exchange.json(post);
    expect(script.requests[0]?.body).toBe('{"n":9007199254740993,"x":null}');
  });

  it("is not sent if its signal is aborted, and rethrows the reason", async () => {
    const { script, exchange } = over({});
    const reason = new Error("enough");
    await expect(exchange.json(get, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(script.requests).toEqual([]);
  });

  it("hands its signal and its idle timeout to the transport", async () => {
    const { script, exchange } = over({});
    const { signal } = new AbortController();
    await exchange.stream(get, { signal, idleTimeoutMs: 7 });
    expect(script.requests[0]).toMatchObject({ signal, idleTimeoutMs: 7 });
  });

  it("that the transport cannot send fails with the transport's error", async () => {
    const { exchange } = over();
    await expect(exchange.json(get)).rejects.toThrow("the script has no answer");
  });
});

describe("an answer", () => {
  it("is read as JSON without loss", async () => {
    const { exchange } = over({ body: '{"n":9007199254740993,"x":null}' });
    expect(await exchange.json(get)).toEqual({ n: 9007199254740993n, x: null });
  });

  it("of 201 or 202 is a success", async () => {
    const { exchange } = over({ status: 201, body: { a: 1 } }, { status: 202, body: { a: 2 } });
    expect([await exchange.json(get), await exchange.json(get)]).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it("that is a refusal carries its Status, the method and the path", async () => {
    const status = { kind: "Status", apiVersion: "v1", metadata: {}, code: 404, reason: "NotFound", message: "no a" };
    const { exchange } = over({ status: 404, body: status });
    const error: unknown = await exchange.json(get).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "API", status, method: "GET", path: "/api/v1/pods?labelSelector=a%3Db" });
    expect(error).toMatchObject({ message: "GET /api/v1/pods?labelSelector=a%3Db: 404 NotFound: no a" });
    expect(isNotFound(error)).toBe(true);
  });

  it.each<[string, Answer, object]>([
    ["text", { status: 404, body: "404 page not found\n" }, { reason: "NotFound", message: "404 page not found" }],
    ["a proxy's page", { status: 502, body: "<html>bad gateway</html>" }, { message: "<html>bad gateway</html>" }],
    ["nothing", { status: 503, body: "" }, { reason: "ServiceUnavailable", message: "the server sent no explanation" }],
    ["JSON of its own", { status: 429, body: { a: 1 } }, { reason: "TooManyRequests" }],
  ])("that refuses with %s is an ApiError all the same", async (_title, answer, status) => {
    const { exchange } = over(answer);
    await expect(exchange.json(get)).rejects.toMatchObject({ code: "API", status: { code: answer.status, ...status } });
  });

  it.each<[string, Answer, number | undefined]>([
    ["a number", { status: 429, headers: { "retry-after": "7" } }, 7],
    ["a repeated number", { status: 429, headers: { "retry-after": ["7", "8"] } }, 7],
    ["a date", { status: 503, headers: { "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT" } }, 30],
    ["neither", { status: 503, headers: { "retry-after": "soon" } }, undefined],
    ["absent", { status: 429 }, undefined],
    ["absent, but in the Status", { status: 429, body: { kind: "Status", details: { retryAfterSeconds: 3 } } }, 3],
  ])("whose Retry-After is %s", async (_title, answer, retryAfterSeconds) => {
    const { exchange } = over(answer);
    await expect(exchange.json(get)).rejects.toMatchObject({ code: "API", retryAfterSeconds });
  });

  it.each([301, 302, 307, 308])("that redirects (%i) is refused, and names where to and the cure", async (status) => {
    const { script, exchange } = over({ status, headers: { location: "https://login.example/" } });
    await expect(exchange.json(get)).rejects.toMatchObject({
      code: "PROTOCOL",
      message: `GET /api/v1/pods?labelSelector=a%3Db: the server redirects to https://login.example/ (${status}), which API servers do not do: check the server of the kubeconfig's cluster`,
    });
    expect(script.discarded).toBe(1);
  });

  it("that nothing has changed has no value, and is refused to who did not ask for it", async () => {
    const notModified = { status: 304, headers: { etag: '"a"' }, body: "" };
    const { exchange } = over(notModified, notModified);
    const conditional = { ...get, headers: { "if-none-match": '"a"' } };
    expect(await exchange.answer(conditional)).toEqual({ status: 304, headers: { etag: '"a"' }, value: undefined });
    await expect(exchange.answer(get)).rejects.toMatchObject({ code: "PROTOCOL" });
  });

  it("that is a success but no JSON is refused, and shown", async () => {
    const { exchange } = over({ body: "<html>log in</html>" }, { body: "x".repeat(1000) }, { body: "" });
    await expect(exchange.json(get)).rejects.toMatchObject({
      code: "PROTOCOL",
      message:
        "GET /api/v1/pods?labelSelector=a%3Db: the server answered 200 with something that is not JSON: <html>log in</html>",
    });
    await expect(exchange.json(get)).rejects.toThrow(/x{200}… \(1000 characters\)$/);
    await expect(exchange.json(get)).rejects.toMatchObject({ code: "PROTOCOL" });
  });

  it("that begins as JSON and breaks off is not shown, for it may be a Secret", async () => {
    const { exchange } = over({ body: '{"kind":"Secret","data":{"password":"hunter2"' });
    const error: unknown = await exchange.json(get).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: "PROTOCOL", message: expect.stringContaining("breaks off") });
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain("hunter2");
  });

  it("to a stream has its status checked before the stream is handed out", async () => {
    const { exchange } = over({ status: 403, body: "no" });
    await expect(exchange.stream(get)).rejects.toMatchObject({ code: "API", statusCode: 403 });
  });
});

describe("a warning of the server", () => {
  it.each<[string, string | readonly string[], readonly string[]]>([
    ["one", '299 - "v1beta1 is deprecated"', ["v1beta1 is deprecated"]],
    ["several", ['299 - "a"', '299 - "b"'], ["a", "b"]],
    ["several in one header", '299 - "a, \\"b\\"", 299 - "c" "Wed, 21 Oct 2026 07:28:00 GMT"', ['a, "b"', "c"]],
    ["with an agent", '299 kube-apiserver/1.37 "a"', ["a"]],
    ["with quotes and backslashes within", '299 - "unknown field \\"spec.a\\\\b\\""', ['unknown field "spec.a\\b"']],
    ["of another form, as it is", "110 stale", ["110 stale"]],
  ])("is reported without its frame: %s", async (_title, warning, texts) => {
    const { exchange, warnings } = over({ headers: { warning } });
    await exchange.json(get);
    expect(warnings).toEqual(texts.map((text) => `/api/v1/pods: ${text}`));
  });

  it("is reported of a refusal too, and none is none", async () => {
    const { exchange, warnings } = over({ status: 404, headers: { warning: '299 - "old"' } }, {});
    await expect(exchange.json(get)).rejects.toMatchObject({ statusCode: 404 });
    await exchange.json(get);
    expect(warnings).toEqual(["/api/v1/pods: old"]);
  });
});
