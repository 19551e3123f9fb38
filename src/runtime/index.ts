/** Time and concurrency: watcher, reflector and store, controller, waiting. */
export { type Action, awaitChange, requeueAfter } from "./action.js";
export {
  type Deletable,
  deleteAndWait,
  every,
  hasCondition,
  isComplete,
  isDeleted,
  isEstablished,
  isReady,
  isRolledOut,
  not,
  some,
  type WithConditions,
} from "./awaited.js";
export { type Backoff, backoffMs, reconcileBackoff, watchBackoff } from "./backoff.js";
export { type Clock, sleep, systemClock } from "./clock.js";
export {
  Controller,
  type ControllerOptions,
  type ControllerSource,
  type OwnedSource,
  type SourceOptions,
} from "./controller.js";
export {
  type EventNote,
  type EventRecorder,
  eventRecorder,
  type EventRecorderOptions,
  type EventSubject,
} from "./events.js";
export { type FinalizerSteps, withFinalizer } from "./finalizer.js";
export { type Counter, type GaugeReader, type Histogram, type MetricLabels, Metrics } from "./metrics.js";
export { keyOf, type ObjectRef, refOf } from "./object-ref.js";
export type { Outcome, Reason } from "./outcomes.js";
export { type Logger, type Reconcile, type ReconcileContext, type RunOptions, TerminalError } from "./reconcile.js";
export { type ReflectedEvent, type Reflection, reflector, type ReflectorOptions } from "./reflector.js";
export { type Leadership, type LeaderOptions, runAsLeader } from "./leader.js";
export type { Mapper } from "./related.js";
export type { RunningController } from "./running-controller.js";
export { SharedWatch, sharedWatch, type SharedWatchOptions } from "./shared-watch.js";
export { type Indexers, seenBy, type Storable, type Store } from "./store.js";
export {
  anyOf,
  applied,
  type Aspect,
  aspects,
  changed,
  differs,
  merge,
  modified,
  touched,
  withoutManagedFields,
} from "./streams.js";
export { type ProbeAnswer, type ProbeHandler, probes, type Runnable, type Together, together } from "./together.js";
export { type AwaitedCondition, waitFor, type WaitOptions } from "./wait.js";
export { type ObjectState, watchObject } from "./watch-object.js";
export { watcher, type WatcherOptions, type WatchSource } from "./watcher.js";
export { type Work, WorkQueue, type WorkRequest } from "./work-queue.js";
