/** Bad input never harms the server: requests at random, of which the same seed makes the same. `FUZZ_REQUESTS` asks for more of them. */

import { env } from "node:process";
import { expect, test } from "vitest";
import { type ApiRequest, ApiServer, type ApiResponse, ManualClock, seededClock } from "../../src/testing/index.js";
import { gizmoDefinition } from "../contract/gizmos.js";
import { definitions, group, widgetDefinition } from "../contract/widgets.js";
import { chanceFrom } from "./fuzz/chance.js";
import { checkState, Observer } from "./fuzz/invariants.js";
import { randomRequests } from "./fuzz/requests.js";

const requests = Number(env["FUZZ_REQUESTS"] ?? 1500);
const seeds = [1, 2, 3];

test.each(seeds)(
  "requests at random, of seed %i, never crash the server nor corrupt its state",
  { timeout: 600_000 },
  async (seed) => {
    await using server = new ApiServer({ seed, clock: new ManualClock({ seed }) });
    await prepare(server);
    using observer = new Observer(server);
    const next = randomRequests(chanceFrom(seededClock(seed).random));
    let written = 0;
    for (let count = 1; count <= requests; count += 1) {
      const request = next();
      const response = await server.handle(request);
      await checkResponse(request, response);
      if (request.method !== "GET" && response.status < 300) written += 1;
      if (count % 500 === 0) await checkState(server, observer);
    }
    await checkState(server, observer);
    // Requests that are all refused would prove nothing.
    expect(written).toBeGreaterThan(requests / 20);
  },
);

async function prepare(server: ApiServer): Promise<void> {
  const post = (url: string, body: object) =>
    server.handle({ method: "POST", url, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const answers = [
    await post(definitions, widgetDefinition(group)),
    await post(definitions, gizmoDefinition),
    await post("/api/v1/namespaces", { metadata: { name: "fuzz" } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
}

/** An answer is a whole one, and never that of a crash. */
async function checkResponse(request: ApiRequest, { status, headers, body }: ApiResponse): Promise<void> {
  const told = `${request.method} ${request.url} ${String(request.body).slice(0, 2000)} -> ${status}`;
  expect(Number.isInteger(status) && status >= 200 && status < 600, told).toBe(true);
  for (const value of Object.values(headers).flat()) expect(value, told).not.toMatch(/[\r\n]/);
  if (typeof body !== "string") {
    const { value, done } = await takeOne(body);
    if (done !== true) expect(() => JSON.parse(value), told).not.toThrow();
    return;
  }
  if (headers["content-type"] !== "application/json" || body === "") return;
  const answer: unknown = JSON.parse(body);
  if (status >= 400) expect(answer, told).toMatchObject({ kind: "Status", status: "Failure", code: status });
  expect(body.includes('"reason":"InternalError"') ? body : "", told).toBe("");
}

/** The first piece of a watch, if it has one at once. */
async function takeOne(body: Exclude<ApiResponse["body"], string>): Promise<IteratorResult<string>> {
  const nothing = new Promise<IteratorResult<string>>((resolve) => {
    setImmediate(() => resolve({ done: true, value: undefined }));
  });
  const first = await Promise.race([body.next(), nothing]);
  await body.return();
  return first;
}
