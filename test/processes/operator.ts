/** A controller of ConfigMaps as a process of its own, whose reconciles take their time, until SIGTERM. */

import { setTimeout as wait } from "node:timers/promises";
import { Client, Controller, shutdownSignal } from "kindred";
import { ConfigMap } from "kindred/resources";

const [kubeconfig = "", reconcileMs = "", deadlineMs = ""] = process.argv.slice(2);

const tell = (line: string) => process.stdout.write(`${line}\n`);

await using client = await Client.fromKubeconfig({ path: kubeconfig });
await using controller = new Controller(client.api(ConfigMap), { labels: { operated: "yes" } }).run(
  async ({ metadata }, { signal }) => {
    tell(`begins ${metadata.name}`);
    signal.addEventListener("abort", () => tell(`aborted ${metadata.name}`), { once: true });
    await wait(Number(reconcileMs));
    tell(`ends ${metadata.name}`);
  },
  { signal: shutdownSignal(), concurrency: 1, shutdownDeadline: { milliseconds: Number(deadlineMs) } },
);
let abandoned = false;
for await (const outcome of controller) {
  if (outcome.type !== "abandoned") continue;
  abandoned = true;
  tell("abandoned");
}
tell("stopped");
// What was abandoned still waits for something; otherwise nothing keeps the process.
if (abandoned) setImmediate(() => process.exit(0));
