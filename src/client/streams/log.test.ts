import { expect, test } from "vitest";
import { type Answer, ScriptedTransport } from "../../../test/support/scripted-transport.js";
import { defineKind, type NamespacedObject } from "../../core/index.js";
import { Client } from "../client.js";

const Pod = defineKind<NamespacedObject<"v1", "Pod">>()({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  scope: "Namespaced",
  subresources: ["log"],
});

function over(answer: Answer) {
  const script = new ScriptedTransport(answer);
  const client = new Client({ transport: script.transport, server: "https://test" });
  return { script, pods: client.api(Pod).namespace("ns") };
}

test("log reads the whole text", async () => {
  const { script, pods } = over({ body: "one\ntwo\n" });
  expect(await pods.log("web", { tailLines: 2 })).toBe("one\ntwo\n");
  expect(script.requests[0]).toMatchObject({ method: "GET", url: "/api/v1/namespaces/ns/pods/web/log?tailLines=2" });
});

test("logLines gives lines however they are cut, and a log that is followed may be silent for ever", async () => {
  const { script, pods } = over({ chunks: ["o", "ne\ntw", "o\nthree"] });
  const lines: string[] = [];
  for await (const line of pods.logLines("web", { follow: true })) lines.push(line);
  expect(lines).toEqual(["one", "two", "three"]);
  expect(script.requests[0]).toMatchObject({ url: "/api/v1/namespaces/ns/pods/web/log?follow=true", idleTimeoutMs: 0 });
});

test("leaving the loop closes the connection", async () => {
  const { script, pods } = over({ chunks: ["one\ntwo\n"], open: true });
  for await (const line of pods.logLines("web", { follow: true })) {
    expect(line).toBe("one");
    break;
  }
  expect(script.closed).toBe(1);
});

test("an abort ends a followed log with its reason", async () => {
  const { pods } = over({ chunks: ["one\n"], open: true });
  const abort = new AbortController();
  const read = async () => {
    for await (const _line of pods.logLines("web", { follow: true, signal: abort.signal }))
      abort.abort(new Error("enough"));
  };
  await expect(read()).rejects.toThrow("enough");
});

test("a refusal is an ApiError", async () => {
  const { pods } = over({ status: 400, body: { kind: "Status", code: 400, message: "no such container" } });
  await expect(pods.log("web")).rejects.toMatchObject({
    code: "API",
    message: expect.stringContaining("no such container"),
  });
});
