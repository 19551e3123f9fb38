/** A transport that writes down what is sent, and answers as a test says. */

import type { Transport, TransportRequest, TransportResponse } from "../../src/client/index.js";

export class RecordingTransport {
  readonly requests: TransportRequest[] = [];
  respond: (request: TransportRequest) => TransportResponse | Promise<TransportResponse>;

  constructor(respond: (request: TransportRequest) => TransportResponse | Promise<TransportResponse>) {
    this.respond = respond;
  }

  readonly transport: Transport = async (request) => {
    this.requests.push(request);
    return this.respond(request);
  };

  /** What was sent, read back. */
  get bodies(): readonly unknown[] {
    return this.requests.map(({ body }) => (typeof body === "string" ? JSON.parse(body) : body));
  }
}

/** A response whose body is this value as JSON. */
export function answer(status: number, value: unknown): TransportResponse {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return {
    status,
    headers: {},
    bytes: async () => bytes,
    chunks: async function* () {
      yield bytes;
    },
    discard: async () => {},
  };
}
