/**
 * One of several replicas that stand for election, as a process of its own: while it leads it acts, and each act is a line of a file
 * that all replicas append to.
 */

import { appendFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Client, runAsLeader, shutdownSignal } from "kindred";

const [kubeconfig = "", identity = "", ledger = ""] = process.argv.slice(2);

/** Nanoseconds on the clock that all processes of this machine share. */
const now = () => process.hrtime.bigint();

await using client = await Client.fromKubeconfig({ path: kubeconfig });
const signal = shutdownSignal();
while (!signal.aborted) {
  try {
    await runAsLeader(
      client,
      {
        name: "replicas",
        identity,
        leaseDuration: { seconds: 3 },
        renewDeadline: { seconds: 2 },
        retryPeriod: { milliseconds: 500 },
        signal,
      },
      async (leadership) => {
        while (!leadership.signal.aborted) {
          // From before the question: a process that is paused right after it acts on an answer of then.
          const decidedAt = now();
          if (leadership.holds()) appendFileSync(ledger, `${identity} ${decidedAt}\n`);
          await wait(10);
        }
      },
    );
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
