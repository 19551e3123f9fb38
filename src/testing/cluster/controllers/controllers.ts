/** The controllers of the control plane that an API server is not complete without, as its ordinary clients. */

import { Client } from "../../../client/index.js";
import type { Clock, Logger } from "../../../runtime/index.js";
import type { ServerClock } from "../../clock.js";
import { requestFacts } from "../request-facts.js";
import { type Handler, localTransport } from "../transport.js";
import { GarbageCollector } from "./garbage-collector.js";
import { runNamespaceController } from "./namespace-controller.js";
import { StorageProtection } from "./storage-protection.js";

/** What the controllers work with. */
export interface ControllersOptions {
  /** The API server. */
  readonly handle: Handler;
  readonly clock: Clock & ServerClock;
  /** The certificate, in PEM, that each namespace's `kube-root-ca.crt` holds. Default: none. */
  readonly rootCa?: string | undefined;
  /**
   * Which kinds the garbage collector follows: those of which something is written from now on (default), which is enough for a
   * server that starts empty and costs nothing until then; or all, for one that has content already.
   */
  readonly watch?: "written" | "all" | undefined;
  /** Told of what fails and is tried again. Default: nobody. */
  readonly logger?: Logger | undefined;
}

/** The controllers at work. */
export interface Controllers extends AsyncDisposable {
  /** The API server, as its clients are to be given it: what they write tells the garbage collector what to follow. */
  readonly handle: Handler;
  /** Resolves when every namespace has been looked at. */
  readonly ready: Promise<void>;
  /** Whether nothing is due or running. */
  readonly idle: boolean;
}

/** What upstream's are called, in managed fields too. */
const userAgent = "kube-controller-manager";

/**
 * Starts garbage collection (background, foreground, orphan), the deletion of namespaces, the default ServiceAccount and root
 * certificate of each namespace, and the release of claims and volumes that nothing uses.
 */
export function startControllers(options: ControllersOptions): Controllers {
  const { handle, clock, rootCa = "", logger = silent } = options;
  const transport = localTransport({ handle, server: "the API server in this process", clock });
  const client = new Client({ transport, server: "the API server in this process", userAgent });
  const stopping = new AbortController();
  const onFailure = (error: unknown) => logger.warn("garbage collection failed, and is tried again", { error });
  const collector = new GarbageCollector({ client, clock, signal: stopping.signal, onFailure });
  const namespaces = runNamespaceController({ client, clock, rootCa, logger });
  const storage = new StorageProtection({ client, clock, logger });
  if (options.watch === "all") storage.start();
  const following = options.watch === "all" ? collector.followed.followAll() : Promise.resolve();
  return {
    handle: (request) => {
      const { verb, group, version, plural } = requestFacts(request);
      if (verb !== undefined && !reads.has(verb)) {
        collector.followed.followWritten(group, version, plural).catch(onFailure);
        storage.startFor(group, plural);
      }
      return handle(request);
    },
    ready: Promise.all([following, namespaces.store.whenReady()]).then(() => {}),
    get idle() {
      return collector.idle && namespaces.idle && storage.idle;
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort(stopped);
      await Promise.all([namespaces.stop(), collector.stopped(), storage.stop()]);
    },
  };
}

const reads: ReadonlySet<string> = new Set(["get", "list", "watch"]);
const stopped = new Error("the controllers were stopped");
const silent: Logger = Object.freeze({ info: () => {}, warn: () => {} });
