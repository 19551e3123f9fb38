/** A watch that a test leaves running while it changes the world. */

import type { Client } from "kindred";
import { ConfigMap } from "kindred/resources";
import { watcher } from "kindred/runtime";
import { until } from "../support/child.js";

/** A watch of the config maps with one label, in the background. */
export class Watching implements AsyncDisposable {
  readonly names: string[] = [];
  readonly errors: string[] = [];
  /** How often it began anew, instead of going on. */
  lists = 0;
  readonly label: string;
  readonly #end = new AbortController();
  readonly #done: Promise<void>;

  private constructor(client: Client, label: string) {
    this.label = label;
    this.#done = this.#run(client).catch((error: unknown) => {
      if (error !== this.#end.signal.reason) throw error;
    });
  }

  /** Returns once it has its first list. */
  static async start(client: Client, label: string): Promise<Watching> {
    const watching = new Watching(client, label);
    try {
      await until(`the watch ${label}`, () => {
        if (watching.errors.length > 0) throw new Error(watching.errors.join("; "));
        return watching.lists > 0;
      });
      return watching;
    } catch (error) {
      await watching[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #run(client: Client): Promise<void> {
    const maps = client.api(ConfigMap).namespace("default");
    const backoff = { baseMs: 50, maxMs: 200, factor: 2, jitter: 0 };
    for await (const event of watcher(maps, { labels: { watch: this.label }, backoff, signal: this.#end.signal })) {
      if (event.type === "init") this.lists += 1;
      if (event.type === "apply") this.names.push(event.object.metadata.name);
      if (event.type === "error") this.errors.push(String(event.error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Error("the test is over"));
    await this.#done;
  }
}
