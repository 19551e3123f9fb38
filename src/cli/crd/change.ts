/** A difference between two CustomResourceDefinitions of one kind. */

/** What is different, where, and whether objects that are stored already, or clients that are written already, can suffer. */
export interface CrdChange {
  /** Where: `spec.scope` of the definition, `v1 .spec.size` in the schema of a version; `[*]` is each element of a list or map. */
  readonly path: string;
  readonly change: "added" | "removed" | "changed";
  /** Whether a stored object may be refused, pruned or unreachable, or a client turned away, where it was not before. */
  readonly breaking: boolean;
  /** What changed, from what to what, and if it is breaking what follows. */
  readonly message: string;
}

/** Notes changes at one place. */
export interface ChangeLog {
  /** Notes a change that harms nobody. */
  readonly safe: (path: string, change: CrdChange["change"], message: string) => void;
  /** Notes a change that may break what exists. */
  readonly breaking: (path: string, change: CrdChange["change"], message: string) => void;
}

/** A log that writes to a list. */
export function logTo(changes: CrdChange[]): ChangeLog {
  return {
    safe: (path, change, message) => void changes.push({ path, change, breaking: false, message }),
    breaking: (path, change, message) => void changes.push({ path, change, breaking: true, message }),
  };
}
