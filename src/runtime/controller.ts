/** The controller's builder: what to reconcile, and what else wakes it. */

import type { HandleFacts } from "../client/index.js";
import {
  asReadonly,
  type DeepReadonly,
  type PartialObjectMetadata,
  type SelectorOptions,
  type WatcherEvent,
} from "../core/index.js";
import type { Reconcile, RunOptions } from "./reconcile.js";
import { followRelated, type Mapper, ownerMapper } from "./related.js";
import { RunningController, type Trigger } from "./running-controller.js";
import type { Storable } from "./store.js";
import { type Aspect, changed } from "./streams.js";
import { type WatcherOptions, type WatchSource, watcher } from "./watcher.js";

/** A handle whose objects a controller can reconcile. */
export interface ControllerSource<T> extends WatchSource<T>, HandleFacts {}

/** A handle whose objects can wake the controllers of their owners: its metadata is enough. */
export interface OwnedSource extends HandleFacts {
  readonly metadata: WatchSource<PartialObjectMetadata>;
}

/** How to watch one kind. */
export interface SourceOptions<T>
  extends SelectorOptions,
    Pick<WatcherOptions, "strategy" | "pageSize" | "semantic" | "timeoutSeconds"> {
  /** Only changes of this aspect wake anybody, as `aspects.generation`. Default: every change. */
  readonly when?: Aspect<DeepReadonly<T>> | undefined;
}

/**
 * Reconciles every object of a kind, whenever it or something that it owns changes. Immutable: each method returns a new one.
 *
 * Guarantees: one object is never reconciled twice at once; an object that changes while it is reconciled is reconciled once more;
 * no change is lost, though several may be seen as one; one failing object or watch delays no other; nothing runs before every
 * cache is complete.
 *
 * Caveats: a deleted object is not reconciled: what must happen before it goes needs a finalizer.
 *
 * @example
 * ```ts
 * await using controller = new Controller(client.api(ConfigMapGenerator))
 *   .owns(client.api(ConfigMap))
 *   .run(async (cmg, { client }) => { … });
 * ```
 */
export class Controller<T extends Storable> {
  readonly #source: ControllerSource<T>;
  readonly #options: SourceOptions<T>;
  readonly #triggers: readonly Trigger[];

  constructor(source: ControllerSource<T>, options: SourceOptions<T> = {}, triggers: readonly Trigger[] = []) {
    this.#source = source;
    this.#options = options;
    this.#triggers = triggers;
  }

  /** Also reconcile an object when something changes that has it as its controller (see {@link ownerReference}). Watches metadata only. */
  owns(source: OwnedSource, options: SourceOptions<PartialObjectMetadata> = {}): Controller<T> {
    return this.watches(source.metadata, ownerMapper(this.#source.target.kind), options);
  }

  /** Also reconcile the objects that `mapper` names when a related object changes; it is asked about the object before and after. */
  watches<R extends Storable>(
    source: WatchSource<R>,
    mapper: Mapper<R>,
    options: SourceOptions<R> = {},
  ): Controller<T> {
    const trigger: Trigger = {
      kind: source.target.kind.kind,
      follow: (context) => followRelated(select(watcher(source, { ...options, ...context }), options.when), mapper),
    };
    return new Controller(this.#source, this.#options, [...this.#triggers, trigger]);
  }

  /** Starts. The controller drives itself until it is stopped or disposed. */
  run(reconcile: Reconcile<T>, options: RunOptions = {}): RunningController<T> {
    return new RunningController({
      kind: this.#source.target.kind,
      client: this.#source.client,
      events: (context): AsyncIterable<WatcherEvent<T>> => watcher(this.#source, { ...this.#options, ...context }),
      when: this.#options.when,
      triggers: this.#triggers,
      reconcile,
      options,
    });
  }
}

function select<R extends Storable>(
  events: AsyncIterable<WatcherEvent<R>>,
  when: Aspect<DeepReadonly<R>> | undefined,
): AsyncIterable<WatcherEvent<R>> {
  return when === undefined ? events : changed(events, (object) => when(asReadonly(object)));
}
