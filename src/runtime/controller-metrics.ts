/** A controller's metrics, under the names that controller-runtime's dashboards know. */

import type { Metrics } from "./metrics.js";

/** How a reconcile ended. */
export type ReconcileResult = "success" | "requeue_after" | "error";

/** What a runner tells about itself. */
export interface RunnerFigures {
  readonly waiting: () => number;
  readonly running: () => number;
  /** When each running reconcile began, in the clock's milliseconds. */
  readonly startedAt: () => Iterable<number>;
  readonly now: () => number;
}

/** Notes what a runner does. */
export interface RunnerMetrics {
  requested(): void;
  retried(): void;
  started(waitedMs: number): void;
  ended(
    result: ReconcileResult,
    facts: { readonly durationMs: number; readonly terminal?: boolean; readonly timedOut?: boolean },
  ): void;
  /** Takes the gauges out. */
  close(): void;
}

const second = 1000;
/** controller-runtime's own. */
const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
/** Twelve, each ten times the one before, from ten nanoseconds. */
const queueBuckets = Array.from({ length: 12 }, (_, index) => Number(`1e${index - 8}`));

/** The metrics of one controller in a registry. */
export function runnerMetrics(
  metrics: Metrics,
  controller: string,
  options: { readonly concurrency: number; readonly figures: RunnerFigures },
): RunnerMetrics {
  const { concurrency, figures } = options;
  const by = { controller };
  const queue = { name: controller, controller };
  const total = metrics.counter("controller_runtime_reconcile_total", "Reconciliations by result.");
  const errors = metrics.counter("controller_runtime_reconcile_errors_total", "Reconciliations that failed.");
  const terminal = metrics.counter(
    "controller_runtime_terminal_reconcile_errors_total",
    "Reconciliations that failed for good.",
  );
  const timeouts = metrics.counter(
    "controller_runtime_reconcile_timeouts_total",
    "Reconciliations that took too long.",
  );
  const time = metrics.histogram(
    "controller_runtime_reconcile_time_seconds",
    "How long reconciliations take.",
    reconcileBuckets,
  );
  const adds = metrics.counter("workqueue_adds_total", "Requests to the queue.");
  const retries = metrics.counter("workqueue_retries_total", "Requests to the queue after a failure.");
  const waited = metrics.histogram(
    "workqueue_queue_duration_seconds",
    "How long a key waits once it is due.",
    queueBuckets,
  );
  const worked = metrics.histogram("workqueue_work_duration_seconds", "How long a key is worked on.", queueBuckets);
  // Zero is a figure too: a dashboard tells it from none.
  for (const result of ["success", "requeue_after", "error"]) total.add({ ...by, result }, 0);
  for (const counter of [errors, terminal, timeouts]) counter.add(by, 0);
  for (const counter of [adds, retries]) counter.add(queue, 0);
  const ages = () => [...figures.startedAt()].map((at) => (figures.now() - at) / second);
  const gauges = [
    metrics.gauge("controller_runtime_max_concurrent_reconciles", "How many may run at once.", () => [
      [by, concurrency],
    ]),
    metrics.gauge("controller_runtime_active_workers", "How many run now.", () => [[by, figures.running()]]),
    metrics.gauge("workqueue_depth", "Keys that wait.", () => [[queue, figures.waiting()]]),
    metrics.gauge("workqueue_unfinished_work_seconds", "How long the running have run, in all.", () => [
      [queue, ages().reduce((sum, age) => sum + age, 0)],
    ]),
    metrics.gauge("workqueue_longest_running_processor_seconds", "How long the longest has run.", () => [
      [queue, Math.max(0, ...ages())],
    ]),
  ];
  return {
    requested: () => adds.add(queue),
    retried: () => retries.add(queue),
    started: (waitedMs) => waited.observe(queue, waitedMs / second),
    ended(result, { durationMs, terminal: forGood = false, timedOut = false }) {
      total.add({ ...by, result });
      if (result === "error") errors.add(by);
      if (forGood) terminal.add(by);
      if (timedOut) timeouts.add(by);
      time.observe(by, durationMs / second);
      worked.observe(queue, durationMs / second);
    },
    close() {
      for (const remove of gauges) remove();
    },
  };
}
