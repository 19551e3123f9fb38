/** Leader election: of several replicas, one works. */

import { runAsLeader, type Leadership } from "kindred";
import { Lease } from "kindred/resources";
import { expect, test } from "vitest";
import type { World } from "./world.js";

/** Short times, in whole seconds where the Lease asks for them. */
const times = {
  leaseDuration: { seconds: 3 },
  renewDeadline: { seconds: 2 },
  retryPeriod: { milliseconds: 200 },
} as const;

/** Registers the scenario. */
export function leaderElection(world: () => World): void {
  /** A replica that works until it is told to stop, and tells when it began. */
  function replica(identity: string, name: string) {
    const { client, clock } = world();
    const stop = new AbortController();
    let begin: () => void = () => {};
    const began = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const work = ({ signal }: Leadership) =>
      new Promise<void>((resolve) => {
        begin();
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    const options = { name, namespace: "default", identity, clock, signal: stop.signal, ...times };
    const done = runAsLeader(client, options, work).catch((error: unknown) => error);
    return { began, done, stop: () => stop.abort() };
  }

  const holder = async (name: string) =>
    (await world().client.api(Lease).namespace("default").get(name)).spec?.holderIdentity;

  test("one replica leads and renews; another takes over as soon as it gives up", async () => {
    const { inTime, pass } = world();
    const first = replica("first", "handed-over");
    await inTime(first.began);
    const second = replica("second", "handed-over");
    await pass(3500);
    expect(await holder("handed-over")).toBe("first");
    first.stop();
    await inTime(second.began);
    await first.done;
    expect(await holder("handed-over")).toBe("second");
    second.stop();
    await inTime(second.done);
    expect(await holder("handed-over")).toBe("");
  });

  test("a leader whose lease somebody else has taken stops", async () => {
    const { client, inTime } = world();
    const leader = replica("leader", "stolen");
    await inTime(leader.began);
    await client
      .api(Lease)
      .namespace("default")
      .patch("stolen", { type: "merge", body: { spec: { holderIdentity: "thief" } } });
    await inTime(leader.done);
    expect(await holder("stolen")).toBe("thief");
    leader.stop();
  });
}
