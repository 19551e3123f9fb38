/** The controller's builder: what to reconcile, and what else wakes it. */

import type { HandleFacts } from "../client/index.js";
import {
  type DeepReadonly,
  invalidArgument,
  type ObjectMeta,
  type PartialObjectMetadata,
  type SelectorOptions,
  type WatcherEvent,
} from "../core/index.js";
import { followAsked } from "./asked.js";
import type { ObjectRef } from "./object-ref.js";
import type { Reconcile, RunOptions } from "./reconcile.js";
import { readonlyView, reflector } from "./reflector.js";
import { followRelated, type Mapper, ownerMapper } from "./related.js";
import { RunningController, type Trigger, type WatchContext } from "./running-controller.js";
import { SharedWatch } from "./shared-watch.js";
import type { Storable } from "./store.js";
import { type Aspect, changed, modified } from "./streams.js";
import { type WatcherOptions, type WatchSource, watcher } from "./watcher.js";

/** Whose objects a controller can reconcile: a handle, or a watch that it shares with others. */
export type ControllerSource<T extends Storable> = (WatchSource<T> & HandleFacts) | SharedWatch<T>;

/** A handle whose objects can wake the controllers of their owners: its metadata is enough. */
export interface OwnedSource extends HandleFacts {
  readonly metadata: WatchSource<PartialObjectMetadata>;
}

/** An object that may have owners. */
export interface Ownable {
  readonly metadata: ObjectMeta;
}

/** How to watch one kind. */
export interface SourceOptions<T>
  extends SelectorOptions,
    Pick<WatcherOptions, "strategy" | "pageSize" | "semantic" | "timeoutSeconds" | "backoff"> {
  /** Only changes of this aspect wake anybody, as `aspects.generation`. Default: every change. */
  readonly when?: Aspect<DeepReadonly<T>> | undefined;
}

/** How to watch the kind that is reconciled. */
export interface ControllerOptions<T> extends SourceOptions<T> {
  /** What is kept of each object, and reconciled: `withoutManagedFields`. Keep name, namespace, uid, resourceVersion and owners. */
  readonly transform?: ((object: T) => T) | undefined;
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
  readonly #options: ControllerOptions<T>;
  readonly #triggers: readonly Trigger[];

  constructor(source: ControllerSource<T>, options: ControllerOptions<T> = {}, triggers: readonly Trigger[] = []) {
    refuseSelection(source, options);
    this.#source = source;
    this.#options = options;
    this.#triggers = triggers;
  }

  /** Also reconcile an object when something changes that has it as its controller (see {@link ownerReference}). Watches metadata only. */
  owns(source: OwnedSource, options?: SourceOptions<PartialObjectMetadata>): Controller<T>;
  owns<R extends Ownable>(source: SharedWatch<R>, options?: SourceOptions<R>): Controller<T>;
  owns(source: OwnedSource | SharedWatch<Ownable>, options: SourceOptions<Ownable> = {}): Controller<T> {
    const mapper = ownerMapper(this.#source.target.kind);
    return source instanceof SharedWatch
      ? this.#with(source, mapper, options)
      : this.#with(source.metadata, mapper, options);
  }

  /** Also reconcile the objects that `mapper` names when a related object changes; it is asked about the object before and after. */
  watches<R extends Storable>(
    source: WatchSource<R> | SharedWatch<R>,
    mapper: Mapper<R>,
    options: SourceOptions<R> = {},
  ): Controller<T> {
    return this.#with(source, mapper, options);
  }

  /**
   * Also reconcile the objects that a stream names: what a webhook, a queue or a timer says. The stream is begun when the controller
   * runs, and left when it stops; one that throws stops the controller.
   *
   * @param by what the stream is called, for the reasons of a run.
   */
  listensTo(by: string, stream: (signal: AbortSignal) => AsyncIterable<ObjectRef>): Controller<T> {
    return this.#and({ kind: by, follow: ({ signal }) => followAsked(stream(signal), by, signal) });
  }

  #with<R extends Storable>(
    source: WatchSource<R> | SharedWatch<R>,
    mapper: Mapper<R>,
    options: SourceOptions<R>,
  ): Controller<T> {
    refuseSelection(source, options);
    const events = eventsOf(source, options);
    return this.#and({
      kind: source.target.kind.kind,
      follow: (context) => followRelated(events(context), mapper),
    });
  }

  #and(trigger: Trigger): Controller<T> {
    return controllerOf(this.#source, this.#options, [...this.#triggers, trigger]);
  }

  /** Starts. The controller drives itself until it is stopped or disposed. */
  run(reconcile: Reconcile<T>, options: RunOptions = {}): RunningController<T> {
    const source = this.#source;
    const { when, transform, ...watch } = this.#options;
    return new RunningController({
      kind: source.target.kind,
      client: source.client,
      reflect: (context) =>
        source instanceof SharedWatch
          ? source.reflect(context)
          : reflector(modified(watcher<T>(source, { ...watch, ...context }), transform)),
      when,
      triggers: this.#triggers,
      reconcile,
      options,
    });
  }
}

/** Not within the class, which TypeScript would then write so that no bundler leaves it out. */
function controllerOf<T extends Storable>(...args: ConstructorParameters<typeof Controller<T>>): Controller<T> {
  return new Controller(...args);
}

/** The events of a source, whose objects belong to nobody who gets them. */
function eventsOf<R extends Storable>(
  source: WatchSource<R> | SharedWatch<R>,
  { when, ...watch }: SourceOptions<R>,
): (context: WatchContext) => AsyncIterable<WatcherEvent<DeepReadonly<R> & Storable>> {
  return (context) => {
    const events =
      source instanceof SharedWatch
        ? source.reflect(context).stream
        : readonlyView(watcher<R>(source, { ...watch, ...context }));
    return when === undefined ? events : changed(events, when);
  };
}

/** A shared watch is made with its selection; another one here would be passed over in silence. */
function refuseSelection(source: object, { when: _when, ...watch }: { readonly when?: unknown }): void {
  const [given] = Object.entries(watch).find(([, value]) => value !== undefined) ?? [];
  if (source instanceof SharedWatch && given !== undefined) {
    throw invalidArgument(`${given} cannot be chosen for a watch that is shared: give it to sharedWatch(…)`);
  }
}
