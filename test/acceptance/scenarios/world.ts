/** What a scenario needs of a cluster, so that it runs on a real one and on the embedded one alike. */

import type { Client, Clock } from "kindred";

/** A cluster, and what can be done to it. */
export interface World extends AsyncDisposable {
  readonly client: Client;
  /** What controllers and waits are to be run by. */
  readonly clock: Clock;
  /** Waits for what needs time; where time stands still, it is let pass meanwhile. */
  inTime<T>(awaited: Promise<T>): Promise<T>;
  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void>;
  /** Breaks every connection, as an API server that restarts does; with the past forgotten, if wanted. */
  interrupt(options?: { readonly forget?: boolean }): Promise<void>;
}
