/** Another Node process of a test, and what it says. */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A process of `test/processes`. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #exited: Promise<string>;
  #said = "";

  constructor(script: string, args: readonly string[]) {
    const path = join(import.meta.dirname, "..", "..", ".build", "test", "processes", `${script}.js`);
    this.#process = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    this.#exited = new Promise((resolve) =>
      this.#process.once("exit", (code, signal) => resolve(String(code ?? signal))),
    );
  }

  /** What it has written, on stdout and stderr. */
  get said(): readonly string[] {
    return this.#said.split("\n").filter(Boolean);
  }

  /** Its exit code, or the signal that ended it. */
  get exited(): Promise<string> {
    return this.#exited;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exited;
  }
}

/** Polls until `holds` is true. @throws naming `what`, after so long. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  for (const end = performance.now() + withinMs; !(await holds()); await wait(20)) {
    if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
  }
}
