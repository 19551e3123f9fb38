/** Values in messages. */

import { formatJson } from "../../core/index.js";

/** A value as JSON, cut where a line would end; `nothing` for undefined. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = formatJson(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
