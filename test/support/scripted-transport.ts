/** A transport that answers from a script, in memory. */

import type { Transport, TransportRequest, TransportResponse } from "../../src/client/index.js";

/** One answer of the script. */
export interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: TransportResponse["headers"];
  /** Sent as JSON, or as it is if it is text. */
  readonly body?: unknown;
  /** The body in chunks, instead of `body`. */
  readonly chunks?: readonly (string | Uint8Array)[];
  /** Breaks the body after its chunks. */
  readonly breaks?: Error;
  /** Keeps the body open after its chunks, until the request is aborted. */
  readonly open?: boolean;
}

/** The requests that were sent, and how many bodies were left before their end. */
export class ScriptedTransport {
  readonly requests: TransportRequest[] = [];
  closed = 0;
  discarded = 0;
  readonly #answers: Answer[];

  constructor(...answers: readonly Answer[]) {
    this.#answers = [...answers];
  }

  /** `METHOD url` of each request. */
  get lines(): readonly string[] {
    return this.requests.map(({ method, url }) => `${method} ${url}`);
  }

  readonly transport: Transport = async (request) => {
    request.signal?.throwIfAborted();
    this.requests.push(request);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error(`the script has no answer to ${request.method} ${request.url}`);
    return {
      status: answer.status ?? 200,
      headers: answer.headers ?? {},
      bytes: async () => new TextEncoder().encode(textOf(answer)),
      chunks: () => this.#chunks(answer, request.signal),
      discard: async () => {
        this.discarded++;
      },
    };
  };

  async *#chunks(answer: Answer, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    let ended = false;
    try {
      for (const chunk of answer.chunks ?? [textOf(answer)]) {
        signal?.throwIfAborted();
        yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
      }
      if (answer.open === true) await aborted(signal);
      if (answer.breaks !== undefined) throw answer.breaks;
      ended = true;
    } finally {
      if (!ended) this.closed++;
    }
  }
}

function textOf({ body }: Answer): string {
  return typeof body === "string" ? body : JSON.stringify(body ?? {});
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
