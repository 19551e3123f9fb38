/** The processes of one control plane, and their common end. */

import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Component,
  type ComponentName,
  type ComponentOptions,
  componentError,
  startComponent,
} from "./component.js";
import { ControlPlaneError } from "./error.js";

/** The components that run, and what must be undone when they stop. */
export class Running {
  readonly failure: Promise<Error>;
  readonly #components = new Map<ComponentName, Component>();
  readonly #undo: (() => Promise<void>)[] = [];
  readonly #stopped = new AbortController();
  readonly #binary: string;
  readonly #directory: string;
  readonly #readyTimeoutMs: number;
  #fail: (error: Error) => void = () => undefined;
  #failed: Error | undefined;
  #stopping: Promise<void> | undefined;

  constructor(binary: string, directory: string, readyTimeoutMs: number) {
    this.#binary = binary;
    this.#directory = directory;
    this.#readyTimeoutMs = readyTimeoutMs;
    this.failure = new Promise((resolveFailure) => (this.#fail = resolveFailure));
    process.once("exit", this.#onExit);
  }

  /** Aborted on stop. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  pids(): ReadonlyMap<ComponentName, number> {
    return new Map(Array.from(this.#components, ([name, { pid }]) => [name, pid]));
  }

  onStop(undo: () => Promise<void>): void {
    this.#undo.push(undo);
  }

  start(name: ComponentName, args: ComponentOptions["args"]): void {
    if (this.#stopping !== undefined) throw new ControlPlaneError(`cannot start ${name}: the control plane is stopped`);
    if (this.#components.has(name))
      throw new ControlPlaneError(`cannot start ${name}: it runs already. Stop it first.`);
    const component = startComponent({ binary: this.#binary, name, args, directory: this.#directory });
    this.#components.set(name, component);
    void component.exited.then((how) => {
      this.#components.delete(name);
      if (component.isStopping()) return;
      this.#failed ??= componentError(this.#directory, name, `${how} unasked`);
      this.#fail(this.#failed);
    });
  }

  /** Polls until a component is ready. Rejects if any component ends before, or the time is up. */
  async ready(
    name: ComponentName,
    isReady: (signal: AbortSignal) => Promise<boolean>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const timeout = AbortSignal.timeout(this.#readyTimeoutMs);
    const ended = AbortSignal.any([timeout, this.stopped, ...(signal === undefined ? [] : [signal])]);
    while (!(await isReady(ended))) {
      if (this.#failed !== undefined) throw this.#failed;
      signal?.throwIfAborted();
      if (timeout.aborted)
        throw componentError(this.#directory, name, `was not ready within ${this.#readyTimeoutMs} ms`);
      this.stopped.throwIfAborted();
      await wait(50);
    }
  }

  async stop(name: ComponentName): Promise<void> {
    await this.#components.get(name)?.kill();
  }

  stopAll(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    this.#stopped.abort(new ControlPlaneError("the control plane was stopped"));
    await Promise.all(Array.from(this.#components.values(), (component) => component.kill()));
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
    for (const undo of this.#undo) await undo();
    process.removeListener("exit", this.#onExit);
    if (this.#failed !== undefined) throw this.#failed;
  }

  readonly #onExit = (): void => {
    for (const component of this.#components.values()) component.killNow();
    try {
      rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
    } catch {
      // A component that is not quite gone yet may have added a file: nobody is left to care.
    }
  };
}
