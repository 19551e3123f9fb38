/** Several controllers as one: started together, stopped together. */

import type { Metrics } from "./metrics.js";

/** What a running controller is to whoever minds it. */
export interface Runnable extends AsyncDisposable {
  readonly name: string;
  readonly ready: boolean;
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** Several that run as one. */
export interface Together extends AsyncDisposable {
  readonly members: readonly Runnable[];
  /** Settles when all have stopped. As soon as one stops, the others are stopped too. @throws what made the first one stop. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Binds the fates of controllers: a process whose one controller has died is not half alive, it restarts.
 *
 * @example
 * ```ts
 * await using all = together(a.run(reconcileA, { signal }), b.run(reconcileB, { signal }));
 * await using server = await serveHttp(probes(all, { metrics }), { port: 8080 });
 * await all.done;
 * ```
 */
export function together(...members: readonly Runnable[]): Together {
  const stop = async () => {
    await Promise.all(members.map((member) => member.stop()));
  };
  const run = async () => {
    try {
      await Promise.race(members.map((member) => member.done));
    } finally {
      await Promise.allSettled(members.map((member) => member.stop()));
    }
  };
  return Object.freeze({ members, done: run(), stop, [Symbol.asyncDispose]: stop });
}

/** What an HTTP server is to answer. */
export interface ProbeAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers a path, or says that it has nothing there. */
export type ProbeHandler = (path: string) => ProbeAnswer | undefined;

/**
 * What Kubernetes asks a pod: `/healthz` (200 while every controller runs), `/readyz` (200 once every cache is complete), and
 * `/metrics` for Prometheus.
 */
export function probes(all: Together, options: { readonly metrics?: Metrics | undefined } = {}): ProbeHandler {
  let ended = false;
  all.done.then(
    () => (ended = true),
    () => (ended = true),
  );
  return (path) => {
    switch (path) {
      case "/healthz":
        return text(ended ? 500 : 200, ended ? "a controller has ended" : "ok");
      case "/readyz": {
        const waiting = all.members.filter((member) => !member.ready).map((member) => member.name);
        const ready = waiting.length === 0 && !ended;
        return text(ready ? 200 : 503, ready ? "ok" : `not ready: ${ended ? "ended" : waiting.join(", ")}`);
      }
      case "/metrics":
        return (
          options.metrics && { status: 200, contentType: "text/plain; version=0.0.4", body: options.metrics.text() }
        );
      default:
        return undefined;
    }
  };
}

function text(status: number, body: string): ProbeAnswer {
  return { status, contentType: "text/plain", body: `${body}\n` };
}
