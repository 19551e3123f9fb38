/** What a build shows while it takes its minutes. */

/** Where the progress is written: `process.stderr`, or a test's stand-in. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/**
 * Shows the progress of a build: on a terminal one line that changes each second, elsewhere a line each minute.
 *
 * `line` takes each line of the build's output, `done` ends the display with one word on the outcome.
 */
export function buildProgress(output: ProgressOutput): { line(text: string): void; done(outcome: string): void } {
  const started = Date.now();
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const isTerminal = output.isTTY === true;
  let lines = 0;
  const show = () => {
    const text = `control plane: building, ${lines} packages in ${elapsed()} (about 2000 in 6 to 8 minutes when nothing is cached)`;
    output.write(isTerminal ? `\r\u001b[2K${text}` : `${text}\n`);
  };
  show();
  const timer = setInterval(show, isTerminal ? 1000 : 60_000);
  return {
    line() {
      lines += 1;
    },
    done(outcome) {
      clearInterval(timer);
      output.write(`${isTerminal ? "\r\u001b[2K" : ""}control plane: ${outcome} after ${elapsed()}\n`);
    },
  };
}
