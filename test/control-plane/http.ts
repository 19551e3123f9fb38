/** The few requests the harness itself makes; it must not depend on the client it serves to test. */

import { readFileSync } from "node:fs";
import { request as httpsRequest } from "node:https";

/** Sends GET requests to an API server: the body's JSON (or text), or undefined if the server cannot be reached or says no. */
export function apiServerReader(server: string, caFile: string, token: string) {
  const ca = readFileSync(caFile);
  return async (path: string, signal: AbortSignal): Promise<unknown> => {
    const answer = await new Promise<{ status: number; body: string } | undefined>((resolve) => {
      const request = httpsRequest(new URL(path, server), {
        ca,
        agent: false,
        signal,
        headers: { authorization: `Bearer ${token}` },
      });
      request.once("error", () => resolve(undefined));
      request.once("response", (response) => {
        readBody(response).then(
          (body) => resolve({ status: response.statusCode ?? 0, body }),
          () => resolve(undefined),
        );
      });
      request.end();
    });
    if (answer?.status !== 200) return undefined;
    try {
      const json: unknown = JSON.parse(answer.body);
      return json;
    } catch {
      return answer.body;
    }
  };
}

/** A field of a JSON object; undefined if there is none. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/** A response's whole body. */
export async function readBody(response: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
