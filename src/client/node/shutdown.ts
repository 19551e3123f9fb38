/** Ending a process in order. */

/**
 * A signal that aborts at the first SIGINT or SIGTERM. The second one ends the process as if nobody had listened.
 *
 * @example `await using controller = new Controller(…).run(reconcile, { signal: shutdownSignal() });`
 */
export function shutdownSignal(): AbortSignal {
  const abort = new AbortController();
  const names = ["SIGINT", "SIGTERM"] as const;
  const stop = (name: NodeJS.Signals) => {
    for (const other of names) process.off(other, stop);
    abort.abort(new Error(`the process was asked to end by ${name}`));
  };
  for (const name of names) process.on(name, stop);
  return abort.signal;
}
