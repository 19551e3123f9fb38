/** One signal may end many calls. */

import { setMaxListeners } from "node:events";

/** Node warns of a leak at the eleventh listener, but a controller's signal ends hundreds of calls at once; each takes its listener away. */
export function allowManyListeners(signal: AbortSignal | undefined): void {
  if (signal !== undefined) setMaxListeners(0, signal);
}
