/** Turns of the event loop: after one, every promise that could settle without time or I/O has settled. */

/** Gives turns, a hundred thousand in a second: a timer of no time takes a millisecond, and tests replace timers. */
export class Turns implements Disposable {
  readonly #channel = new MessageChannel();
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor() {
    this.#channel.port1.addEventListener("message", () => {
      this.#waiting.shift()?.();
      if (this.#waiting.length === 0) this.#hold("unref");
    });
    this.#channel.port1.start();
    this.#hold("unref");
  }

  /** Resolves in the next turn; once closed, at once. */
  next(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#hold("ref");
      this.#channel.port2.postMessage(undefined);
    });
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#channel.port1.close();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Node keeps a process alive for an open port: only while somebody waits. Elsewhere there is nothing to do. */
  #hold(how: "ref" | "unref"): void {
    const port: object & { readonly ref?: () => void; readonly unref?: () => void } = this.#channel.port1;
    port[how]?.();
  }
}
