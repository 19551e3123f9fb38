import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeCollection } from "../../test/support/fake-collection.js";
import type { Client } from "../client/index.js";
import type { Span, Tracer } from "../core/index.js";
import { requeueAfter } from "./action.js";
import { Controller } from "./controller.js";
import { Metrics } from "./metrics.js";
import { type Logger, TerminalError } from "./reconcile.js";
import type { RunningController } from "./running-controller.js";

class FakeHandle extends FakeCollection {
  readonly client = { server: "https://fake" } as unknown as Client;
}

let clock: FakeClock;
let things: FakeHandle;
let running: RunningController<never> | undefined;

beforeEach(() => {
  clock = new FakeClock();
  things = new FakeHandle();
});

afterEach(async () => {
  const stopped = running?.stop();
  await clock.advance(60_000);
  await stopped;
});

describe("metrics have controller-runtime's names", () => {
  test("and count what happens", async () => {
    things.put("ok", 1);
    things.put("later", 1);
    things.put("bad", 1);
    things.put("worse", 1);
    const metrics = new Metrics();
    running = new Controller(things).run(
      (thing) => {
        if (thing.metadata.name === "bad") throw new Error("no");
        if (thing.metadata.name === "worse") throw new TerminalError("never");
        return thing.metadata.name === "later" ? requeueAfter({ minutes: 5 }) : undefined;
      },
      { clock, metrics, name: "demo", logger: { info: () => {}, warn: () => {} } },
    ) as RunningController<never>;
    await settle();
    const text = metrics.text();
    for (const line of [
      'controller_runtime_reconcile_total{controller="demo",result="success"} 1',
      'controller_runtime_reconcile_total{controller="demo",result="requeue_after"} 1',
      'controller_runtime_reconcile_total{controller="demo",result="error"} 2',
      'controller_runtime_reconcile_errors_total{controller="demo"} 2',
      'controller_runtime_terminal_reconcile_errors_total{controller="demo"} 1',
      'controller_runtime_reconcile_timeouts_total{controller="demo"} 0',
      'controller_runtime_reconcile_time_seconds_count{controller="demo"} 4',
      'controller_runtime_max_concurrent_reconciles{controller="demo"} 8',
      'controller_runtime_active_workers{controller="demo"} 0',
      'workqueue_adds_total{name="demo",controller="demo"} 4',
      'workqueue_retries_total{name="demo",controller="demo"} 1',
      'workqueue_depth{name="demo",controller="demo"} 2',
      'workqueue_queue_duration_seconds_count{name="demo",controller="demo"} 4',
      'workqueue_work_duration_seconds_count{name="demo",controller="demo"} 4',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  test("and tell of what runs, how long, and of timeouts", async () => {
    things.put("slow", 1);
    const metrics = new Metrics();
    running = new Controller(things).run(() => new Promise<void>(() => {}), {
      clock,
      metrics,
      timeout: { seconds: 10 },
      shutdownDeadline: { seconds: 1 },
      logger: { info: () => {}, warn: () => {} },
    }) as RunningController<never>;
    await clock.advance(4_000);
    expect(metrics.text()).toContain(
      'workqueue_longest_running_processor_seconds{name="thing",controller="thing"} 4\n',
    );
    expect(metrics.text()).toContain('controller_runtime_active_workers{controller="thing"} 1\n');
    await clock.advance(6_000);
    expect(metrics.text()).toContain('controller_runtime_reconcile_timeouts_total{controller="thing"} 1\n');
  });

  test("gauges end with the controller", async () => {
    const metrics = new Metrics();
    running = new Controller(things).run(() => {}, { clock, metrics }) as RunningController<never>;
    await settle();
    await running.stop();
    expect(metrics.text()).not.toContain("workqueue_depth{");
  });
});

/** Writes down spans. */
function recorder(): { readonly tracer: Tracer; readonly spans: Record<string, unknown>[] } {
  const spans: Record<string, unknown>[] = [];
  const tracer: Tracer = {
    startActiveSpan(name, options, work) {
      const record: Record<string, unknown> = { name, ...options.attributes };
      spans.push(record);
      const span: Span = {
        setAttribute: (key, value) => (record[key] = value),
        recordException: (error) => (record["exception"] = error.message),
        setStatus: ({ code }) => (record["status"] = code),
        end: () => {
          record["ended"] = true;
        },
      };
      return work(span);
    },
  };
  return { tracer, spans };
}

test("each reconcile has a span that names its object, its attempt and its reasons, and ends with it", async () => {
  things.put("a", 1);
  const { tracer, spans } = recorder();
  running = new Controller(things).run(
    (_thing, { attempt }) => {
      if (attempt === 1) throw new Error("no");
    },
    { clock, tracer, logger: { info: () => {}, warn: () => {} } },
  ) as RunningController<never>;
  await clock.advance(100);
  const object = { name: "reconcile thing", "k8s.namespace.name": "ns", "k8s.object.name": "a", ended: true };
  expect(spans).toEqual([
    { ...object, "reconcile.attempt": 1, "reconcile.reasons": "object-changed", exception: "no", status: 2 },
    { ...object, "reconcile.attempt": 2, "reconcile.reasons": "retried" },
  ]);
});

describe("failures are told to", () => {
  const failing = () => {
    throw new Error("no");
  };

  test("the logger that was passed in", async () => {
    things.put("a", 1);
    const lines: unknown[] = [];
    const logger: Logger = {
      info: (message, fields) => lines.push([message, fields]),
      warn: (message, fields) => lines.push([message, fields]),
    };
    running = new Controller(things).run(failing, { clock, logger }) as RunningController<never>;
    await settle();
    expect(lines).toMatchObject([
      ["controller ready", { controller: "thing", objects: 1 }],
      ["reconcile failed", { controller: "thing", object: "ns/a", attempt: 1, retryInMs: 100, error: new Error("no") }],
    ]);
  });

  test.each([
    { title: "the console, if nobody reads outcomes", reads: false, lines: 1 },
    { title: "whoever reads outcomes, and then not to the console", reads: true, lines: 0 },
  ])("$title", async ({ reads, lines }) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    things.put("a", 1);
    const controller = new Controller(things).run(failing, { clock });
    running = controller as RunningController<never>;
    if (reads) {
      void (async () => {
        for await (const _outcome of controller);
      })();
    }
    await settle();
    expect(warn).toHaveBeenCalledTimes(lines);
    warn.mockRestore();
  });
});
