/** What was said during a case, for the reader of a failure and for comparing two servers. */

/** A request and its answer. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly body: unknown;
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Grows during a watch. */
  answer: string;
}

/** An exchange in a few lines. */
export function describeExchange({ method, target, body, status, headers, answer }: Exchange): string {
  const warnings = (headers.get("warning") ?? []).map((warning) => `\n  warning: ${warning}`).join("");
  return `> ${method} ${target} ${cut(shown(body))}\n< ${status} ${headers.get("content-type")?.[0] ?? ""}${warnings}\n  ${cut(answer.trimEnd())}`;
}

function shown(body: unknown): string {
  if (body === undefined) return "";
  if (body instanceof Uint8Array) return `${body.length} bytes`;
  return typeof body === "string" ? body : JSON.stringify(body);
}

function cut(text: string): string {
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
