import { describe, expect, it } from "vitest";
import { defineKind } from "../../core/index.js";
import { formatUrl } from "../../core/requests/index.js";
import { logRequest, textLines } from "./log.js";
import { attachRequest, execRequest, portForwardRequest } from "./requests.js";

const Pod = defineKind()({ group: "", version: "v1", kind: "Pod", plural: "pods", scope: "Namespaced" });
const pods = { kind: Pod, namespace: "ns" };

describe("the URL of", () => {
  it.each([
    [
      "a log with everything",
      logRequest(pods, "mypod", {
        container: "nginx",
        follow: true,
        limitBytes: 10_485_760,
        pretty: true,
        previous: true,
        sinceSeconds: 3600,
        tailLines: 4096,
        timestamps: true,
      }),
      "/api/v1/namespaces/ns/pods/mypod/log?container=nginx&follow=true&limitBytes=10485760&pretty=true&previous=true&sinceSeconds=3600&tailLines=4096&timestamps=true",
    ],
    [
      "a log since a time",
      logRequest(pods, "mypod", { sinceTime: "2023-10-19T13:14:26Z" }),
      "/api/v1/namespaces/ns/pods/mypod/log?sinceTime=2023-10-19T13%3A14%3A26Z",
    ],
    ["a log", logRequest(pods, "foo", { container: "blah" }), "/api/v1/namespaces/ns/pods/foo/log?container=blah"],
    [
      "attach",
      attachRequest(pods, "foo", { container: "blah" }),
      "/api/v1/namespaces/ns/pods/foo/attach?stdout=true&stderr=true&container=blah",
    ],
    [
      "exec",
      execRequest(pods, "foo", { container: "blah", command: ["echo", "foo", "bar"] }),
      "/api/v1/namespaces/ns/pods/foo/exec?stdout=true&stderr=true&container=blah&command=echo&command=foo&command=bar",
    ],
    ["a port-forward", portForwardRequest(pods, "foo", 1234), "/api/v1/namespaces/ns/pods/foo/portforward?ports=1234"],
  ])("%s", (_title, request, url) => {
    expect(formatUrl(request)).toBe(url);
  });
});

describe("refused before any request, with the cure", () => {
  it.each<[string, () => unknown, string]>([
    ["two starting points", () => logRequest(pods, "a", { sinceSeconds: 1, sinceTime: "x" }), "give one of them"],
    [
      "a negative count",
      () => logRequest(pods, "a", { tailLines: -1 }),
      "tailLines must be a whole number from 0, but is -1",
    ],
    ["no name", () => logRequest(pods, ""), "the name of a Pod must not be empty"],
    ["no stream", () => attachRequest(pods, "a", { stdout: false, stderr: false }), "choose at least one"],
    ["a terminal with stderr", () => attachRequest(pods, "a", { tty: true, stderr: true }), "leave stderr out, or tty"],
    ["no command", () => execRequest(pods, "a", { command: [] }), "name a program"],
    ["port 0", () => portForwardRequest(pods, "a", 0), "0 is no port"],
    ["half a port", () => portForwardRequest(pods, "a", 80.5), "80.5 is no port"],
  ])("%s", (_title, build, message) => {
    expect(build).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});

describe("the lines of a log", () => {
  it("are the same wherever the chunks are cut", async () => {
    const bytes = new TextEncoder().encode("é1\n\n€𝄞 two\nlast");
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const chunks = async function* () {
        yield bytes.subarray(0, cut);
        yield bytes.subarray(cut);
      };
      const lines: string[] = [];
      for await (const line of textLines(chunks())) lines.push(line);
      expect(lines).toEqual(["é1", "", "€𝄞 two", "last"]);
    }
  });
});
