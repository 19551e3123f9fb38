/** Medians of runs. */

/** The middle value; of an even number, the upper of the two. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** The median of each figure; undefined where no run has it. */
export function medians(runs) {
  const keys = [...new Set(runs.flatMap((run) => Object.keys(run)))];
  return Object.fromEntries(
    keys.map((key) => [key, median(runs.map((run) => run[key]).filter((value) => Number.isFinite(value)))]),
  );
}
