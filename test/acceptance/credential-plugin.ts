/** An exec plugin of a kubeconfig, run as a process. */

import { readFileSync } from "node:fs";
import type { Folder } from "../../src/client/node/harness.mjs";

/** A plugin that prints what the test says, and writes down what it was told. */
export class Plugin {
  readonly user: object;
  readonly #folder: Folder;
  readonly #name: string;

  /** @param credentials the `status` of each run; the last one is that of all further runs. */
  constructor(folder: Folder, name: string, credentials: readonly object[], exec: object = {}) {
    this.#folder = folder;
    this.#name = name;
    this.prints(credentials);
    const script = folder.write(`${name}.mjs`, pluginScript);
    this.user = {
      exec: {
        apiVersion: "client.authentication.k8s.io/v1",
        interactiveMode: "Never",
        command: process.execPath,
        args: [script, `${folder.path}/${name}`],
        ...exec,
      },
    };
  }

  /** What it prints from now on, run by run; the runs are counted anew. */
  prints(credentials: readonly object[]): void {
    this.#folder.write(`${this.#name}.json`, JSON.stringify(credentials));
    this.#folder.write(`${this.#name}.log`, "");
  }

  /** What it was told, run by run. */
  get runs(): readonly { readonly spec: { readonly interactive: boolean; readonly cluster?: object } }[] {
    const lines = readFileSync(`${this.#folder.path}/${this.#name}.log`, "utf8").split("\n");
    return lines.filter(Boolean).map((line) => JSON.parse(line));
  }
}

const pluginScript = `
import { appendFileSync, readFileSync } from "node:fs";
const [, , path] = process.argv;
appendFileSync(path + ".log", process.env.KUBERNETES_EXEC_INFO + "\\n");
const runs = readFileSync(path + ".log", "utf8").trim().split("\\n").length;
const all = JSON.parse(readFileSync(path + ".json", "utf8"));
const status = all[Math.min(runs, all.length) - 1];
console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status }));
`;
