/** An API server for one Lease, in memory, as a transport: with versions, conflicts, and outages on demand. */

import { Client, type Transport, type TransportResponse } from "../../src/client/index.js";
import { answer } from "./recording-transport.js";
import type { Lease } from "../../src/resources/coordination.k8s.io/v1.js";
import type { Clock } from "../../src/runtime/index.js";

export class FakeLeases {
  lease: Lease | undefined;
  /** While set, every request fails so. */
  outage: Error | undefined;
  /** While set, requests are answered only after so long. */
  delayMs = 0;
  readonly #clock: Clock;
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A client of its own for each replica. */
  client(): Client {
    return new Client({ transport: this.#transport, server: "https://fake" });
  }

  readonly #transport: Transport = async ({ method, body, signal }) => {
    if (this.delayMs > 0) await this.#delay(signal);
    if (this.outage !== undefined) throw this.outage;
    if (method === "GET") return this.lease === undefined ? status(404, "NotFound") : answer(200, this.lease);
    const sent = JSON.parse(String(body)) as Lease;
    if (method === "POST" && this.lease !== undefined) return status(409, "AlreadyExists");
    if (method === "PUT" && sent.metadata.resourceVersion !== this.lease?.metadata.resourceVersion)
      return status(409, "Conflict");
    this.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(++this.#version) } };
    return answer(200, this.lease);
  };

  #delay(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.timer(this.delayMs, resolve);
      signal?.addEventListener("abort", () => {
        cancel();
        reject(signal.reason);
      });
    });
  }
}

function status(code: number, reason: string): TransportResponse {
  return answer(code, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", code, reason });
}
