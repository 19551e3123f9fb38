/** The results as a picture: for each chosen figure a bar for each contender, in SVG that needs nothing else. */

import { rowsOf } from "./table.mjs";

const width = 760;
const labelWidth = 120;
const barHeight = 16;
const titleHeight = 30;
const colors = ["#2f6fde", "#9aa5b1", "#c58b3f", "#5fa88f"];

/** A picture of the given figures, named `workload.metric`; each panel's longest bar is its greatest value. */
export function picture(results, contenders, { chosen, caption }) {
  const panels = rowsOf(results, contenders).filter(({ workload, metric, title }) =>
    chosen({ workload, title, metric }),
  );
  let y = 28;
  const parts = [];
  for (const { title, workload, metric, values } of panels) {
    const greatest = Math.max(...values.filter((value) => value !== undefined));
    const unit = metric.unit === "" ? "" : `, ${metric.unit}`;
    parts.push(
      label(`${workload}: ${title}: ${metric.title}${unit}${metric.more ? " (more is better)" : " (less is better)"}`, {
        x: 12,
        y: y + 14,
        weight: "bold",
      }),
    );
    y += titleHeight - 8;
    for (const [index, value] of values.entries()) {
      parts.push(label(contenders[index], { x: 24, y: y + 12 }));
      if (value === undefined) parts.push(label("–", { x: labelWidth, y: y + 12, color: "#8a8f98" }));
      else {
        const length = Math.max(1, (value / greatest) * (width - labelWidth - 110));
        const text = value.toLocaleString("en", {
          minimumFractionDigits: metric.digits,
          maximumFractionDigits: metric.digits,
        });
        parts.push(
          `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight - 4}" fill="${colors[index % colors.length]}"/>`,
        );
        parts.push(label(text, { x: labelWidth + length + 6, y: y + 11 }));
      }
      y += barHeight;
    }
    y += 10;
  }
  const height = y + 6;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">
<title>${escape(caption)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${label(caption, { x: 12, y: 20, color: "#57606a" })}
${parts.join("\n")}
</svg>
`;
}

function label(text, { x, y, weight = "normal", color = "#1f2328" }) {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-weight="${weight}" fill="${color}">${escape(text)}</text>`;
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
