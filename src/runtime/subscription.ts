/** What one follower of a shared watch has not read yet: at most one event per object. */

import { keyOf } from "./object-ref.js";
import type { ReflectedEvent } from "./reflector.js";
import type { Storable } from "./store.js";

type Changes<T> = Extract<ReflectedEvent<T>, { readonly object: T }>;

export class Subscription<T extends Storable> {
  /** The frame of the first list, before the changes that follow it. */
  readonly #initial: ReflectedEvent<T>[] = [];
  readonly #changes = new Map<string, Changes<T>>();
  /** Goes over the changes as they come; an iterator of its own for each would pass over all that were read before. */
  #cursor = this.#changes.entries();
  #failure: Extract<ReflectedEvent<T>, { type: "error" }> | undefined;
  #begun = false;
  #ended: { readonly reason: unknown } | undefined;
  #wake: () => void = () => {};

  /** Whether the follower has been given a first list. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Gives what is there. */
  begin(objects: Iterable<T>, resourceVersion: string): void {
    this.#begun = true;
    this.#initial.push({ type: "init" });
    for (const object of objects) this.#initial.push({ type: "init-apply", object });
    this.#initial.push({ type: "init-done", resourceVersion });
    // Read from its end.
    this.#initial.reverse();
    this.#wake();
  }

  /** Gives an event: of an object that already has one, the newer counts, with what was known before the older. */
  offer(event: ReflectedEvent<T>): void {
    if (event.type === "error") this.#failure = event;
    else if ("object" in event) this.#merge(event);
    this.#wake();
  }

  end(reason: unknown): void {
    this.#ended ??= { reason };
    this.#wake();
  }

  /** @throws why the subscription ended. */
  async next(): Promise<ReflectedEvent<T>> {
    for (;;) {
      if (this.#ended !== undefined) throw this.#ended.reason;
      const event = this.#take();
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(): ReflectedEvent<T> | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure ?? this.#initial.pop() ?? this.#takeChange();
  }

  #takeChange(): ReflectedEvent<T> | undefined {
    if (this.#changes.size === 0) return undefined;
    let next = this.#cursor.next();
    if (next.done === true) {
      this.#cursor = this.#changes.entries();
      next = this.#cursor.next();
    }
    if (next.done === true) return undefined;
    const [key, event] = next.value;
    this.#changes.delete(key);
    return event;
  }

  #merge(event: Changes<T>): void {
    const key = keyOf(event.object.metadata);
    const before = this.#changes.get(key);
    const old = before === undefined || before.type === "delete" ? undefined : before.old;
    this.#changes.set(
      key,
      event.type === "delete" || before === undefined ? event : withOld(event, old ?? oldOf(before)),
    );
  }
}

/** What a deletion that was never read leaves to the change that followed it. */
function oldOf<T>(before: Changes<T>): T | undefined {
  return before.type === "delete" ? before.object : undefined;
}

function withOld<T>(event: Extract<Changes<T>, { type: "apply" | "init-apply" }>, old: T | undefined): Changes<T> {
  return old === undefined ? { type: event.type, object: event.object } : { ...event, old };
}
