/** A case of the contract. */

import type { Server } from "./server.js";

/** One thing that a Kubernetes API server does, seen from outside. */
export interface Case {
  /** A whole number is a case of the reference notes, section 4; with a fraction, one that was added beside it. */
  readonly id: string;
  /** A sentence of behaviour. */
  readonly title: string;
  /** Throws if the server behaves otherwise. */
  readonly run: (server: Server) => Promise<void>;
}
