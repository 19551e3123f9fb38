/** The results as one table in Markdown: a row for each figure, and how kindred compares with each of the others. */

/** The rows of the table: figures and ratios, in the order of the contenders. */
export function rowsOf(results, contenders) {
  return results.flatMap(({ workload, metrics, title, figures }) =>
    Object.entries(metrics).flatMap(([key, metric]) => {
      const values = contenders.map((name) => figures[name]?.[key]);
      if (values.every((value) => value === undefined)) return [];
      const [ours] = values;
      const ratios = values.map((value) => (ours === undefined || !value ? undefined : ours / value));
      return [{ workload, title, metric, values, ratios }];
    }),
  );
}

/** The table; `×0.5` says that kindred has half of what the contender has. Figures are medians. */
export function markdownTable(results, contenders) {
  const head = ["workload", "figure", ...contenders.flatMap((name, index) => (index === 0 ? [name] : [name, "ratio"]))];
  const lines = rowsOf(results, contenders).map(({ workload, title, metric, values, ratios }) => [
    `${workload}: ${title}`,
    `${metric.title}${metric.unit === "" ? "" : `, ${metric.unit}`}${metric.more ? " (more is better)" : ""}`,
    ...values.flatMap((value, index) =>
      index === 0 ? [format(value, metric)] : [format(value, metric), formatRatio(ratios[index])],
    ),
  ]);
  // A title stands once, at its first row.
  let last;
  for (const line of lines) {
    if (line[0] === last) line[0] = "";
    else last = line[0];
  }
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column].length)));
  const text = (line) =>
    `| ${line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column < 2 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [text(head), rule, ...lines.map(text)].join("\n");
}

function format(value, { digits }) {
  return value === undefined
    ? "–"
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Two digits, or as many as it has before the point. */
function formatRatio(ratio) {
  if (ratio === undefined) return "";
  return `×${ratio < 10 ? ratio.toPrecision(2) : ratio.toFixed(0)}`;
}
