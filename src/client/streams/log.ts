/** Logs of containers: the request, and the text cut into lines while it comes. */

import { invalidArgument, KindredError } from "../../core/index.js";
import { type ApiRequest, objectPath, type QueryPair, type Target } from "../../core/requests/index.js";

/** Which part of a container's log to read. */
export interface LogOptions {
  /** Default: the pod's only container. */
  readonly container?: string | undefined;
  /** Go on with what is written from now on. */
  readonly follow?: boolean | undefined;
  readonly limitBytes?: number | undefined;
  readonly pretty?: boolean | undefined;
  /** The log of the container's run before this one. */
  readonly previous?: boolean | undefined;
  /** Not together with `sinceTime`. */
  readonly sinceSeconds?: number | undefined;
  /** RFC 3339. */
  readonly sinceTime?: string | undefined;
  /** `All`, `Stdout` or `Stderr`, where the server knows of it. */
  readonly stream?: "All" | "Stdout" | "Stderr" | undefined;
  readonly tailLines?: number | undefined;
  /** Begin each line with its time. */
  readonly timestamps?: boolean | undefined;
  /** Do not verify the certificate of the kubelet that the log comes from. */
  readonly insecureSkipTLSVerifyBackend?: boolean | undefined;
}

/** Reads a log. @throws KindredError `INVALID_ARGUMENT` for two starting points, or a count that is none. */
export function logRequest(target: Target, name: string, options: LogOptions = {}): ApiRequest {
  const what = `the log of ${target.kind.plural} ${JSON.stringify(name)}`;
  if (options.sinceSeconds !== undefined && options.sinceTime !== undefined) {
    throw invalidArgument(`${what}: sinceSeconds and sinceTime are two starting points: give one of them`);
  }
  for (const [field, least] of counts) {
    const value = options[field];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
      throw invalidArgument(`${what}: ${field} must be a whole number from ${least}, but is ${value}`);
    }
  }
  const query = parameters.flatMap((field): QueryPair[] => {
    const value = options[field];
    return value === undefined || value === false ? [] : [[field, String(value)]];
  });
  return Object.freeze({
    method: "GET",
    path: objectPath({ ...target, subresource: "log" }, name),
    query: Object.freeze(query),
    headers: Object.freeze({ accept: "*/*" }),
  });
}

const counts = [
  ["limitBytes", 1],
  ["sinceSeconds", 1],
  ["tailLines", 0],
] as const;

const parameters = [
  "container",
  "follow",
  "insecureSkipTLSVerifyBackend",
  "limitBytes",
  "pretty",
  "previous",
  "sinceSeconds",
  "sinceTime",
  "stream",
  "tailLines",
  "timestamps",
] as const satisfies readonly (keyof LogOptions)[];

/** An endless line would fill the memory. */
const maxLineLength = 64 << 20;

/**
 * The lines of a text in UTF-8, without their newline; empty ones too, and a last one that has no newline.
 *
 * @throws KindredError `PROTOCOL` for a line of more than 64 Mi characters.
 */
export async function* textLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let begun: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const [first = "", ...more] = decoder.decode(chunk, { stream: true }).split("\n");
    begun.push(first);
    for (const next of more) {
      yield begun.join("");
      begun = [next];
      length = 0;
    }
    length += begun.at(-1)?.length ?? 0;
    if (length > maxLineLength) {
      throw new KindredError(
        "PROTOCOL",
        "the log has a line of more than 64 Mi characters: read it as a text, with limitBytes",
      );
    }
  }
  const last = begun.join("") + decoder.decode();
  if (last !== "") yield last;
}
