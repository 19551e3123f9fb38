/** Passes a body of the API server on, broken as a plan says. */

import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { FaultPlan } from "./fault-plan.js";

/** An answer of the API server, and the path that it answers. */
export interface Answer {
  readonly path: string;
  readonly body: AsyncIterable<Buffer>;
}

/** Passes a watch on line by line; after some lines the fault that was drawn strikes. */
export async function passWatch(plan: FaultPlan, { path, body }: Answer, out: ServerResponse): Promise<void> {
  const { fault, after } = plan.watch(path);
  const recent: Buffer[] = [];
  let count = 0;
  for await (const line of linesOf(body)) {
    if (plan.partitioned) return halfOpen();
    const strikes = fault !== "none" && count++ === after;
    if (!strikes) {
      recent.push(line);
      if (recent.length > 3) recent.shift();
      if (!(await send(out, line))) return;
      continue;
    }
    plan.struck(fault);
    const half = line.subarray(0, Math.max(1, plan.random.below(line.length - 1)));
    switch (fault) {
      case "end":
        return void out.end();
      case "end mid-line":
        return void out.end(half);
      case "cut mid-line":
        await send(out, half);
        return void out.destroy();
      case "reset":
        return reset(out);
      case "half-open":
        return halfOpen();
      case "ERROR 410":
        return void out.end(errorLine(410, "Expired"));
      case "ERROR 429":
        return void out.end(errorLine(429, "TooManyRequests", { retryAfterSeconds: 1 }));
      case "ERROR 500":
        return void out.end(errorLine(500, "InternalError"));
      case "garbage":
        await send(out, Buffer.from('{"type":"MODIFIED","object":{"metadata":\n'));
        break;
      case "lines twice":
        await send(out, Buffer.concat([line, ...recent, line]));
        break;
      case "bytes twice":
        await send(out, Buffer.concat([half, line]));
        break;
      case "delayed":
        await wait(plan.random.below(400));
        await send(out, line);
        break;
      case "slow drip":
        await drip(out, line);
        break;
      default:
        throw new TypeError(`unknown fault ${JSON.stringify(fault satisfies never)}`);
    }
  }
  out.end();
}

/** Passes any other body on. */
export async function passBody(plan: FaultPlan, answer: Answer, out: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (plan.partitioned) return halfOpen();
  const fault = plan.body(answer.path);
  if (fault !== "none") plan.struck(fault);
  const half = body.subarray(0, plan.random.below(body.length));
  switch (fault) {
    case "none":
      return void out.end(body);
    case "body cut":
      await send(out, half);
      return void out.destroy();
    case "body ended early":
      return void out.end(half);
    case "body bytes twice":
      return void out.end(Buffer.concat([half, body]));
    case "body half-open":
      await send(out, half);
      return halfOpen();
    case "body slow drip":
      await drip(out, body);
      return void out.end();
    default:
      throw new TypeError(`unknown fault ${JSON.stringify(fault satisfies never)}`);
  }
}

/** Ends a connection as a peer does that knows nothing of it. */
export function reset(out: ServerResponse): void {
  out.socket?.resetAndDestroy();
}

/** Leaves the connection open and says nothing more: to do nothing is all that it takes. */
export function halfOpen(): void {}

async function* linesOf(body: Answer["body"]): AsyncGenerator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      yield rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
  }
}

/** @returns false if the client is gone. */
async function send(out: ServerResponse, bytes: Buffer): Promise<boolean> {
  if (out.destroyed) return false;
  // Written out before what follows, be it the end of the connection.
  await new Promise<void>((resolve) => out.write(bytes, () => resolve()));
  return !out.destroyed;
}

async function drip(out: ServerResponse, bytes: Buffer): Promise<void> {
  const size = Math.max(1, Math.ceil(bytes.length / 40));
  for (let start = 0; start < bytes.length; start += size) {
    if (!(await send(out, bytes.subarray(start, start + size)))) return;
    await wait(5);
  }
}

function errorLine(code: number, reason: string, details?: { readonly retryAfterSeconds: number }): string {
  return `${JSON.stringify({ type: "ERROR", object: statusOf(code, reason, details) })}\n`;
}

/** A Status as the API server writes it. */
export function statusOf(code: number, reason: string, details?: { readonly retryAfterSeconds: number }) {
  const message = "a fault of the proxy";
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", code, reason, message, details };
}
