/** A manifest: an object as a person wrote it down, before any server has seen it. */

/** What a manifest must say: everything else is the server's to judge. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}
