/** The requests of a test's clients, for assertions. */

import type { ApiRequest } from "../request.js";
import { matchesRequest, type RequestFacts, requestFacts, type RequestMatch } from "./request-facts.js";
import type { Handler } from "./transport.js";

/** A request that was made. */
export interface RequestRecord extends RequestFacts {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** As it was sent. */
  readonly body: ApiRequest["body"];
  /** When, in the cluster's time. */
  readonly at: Date;
  /** The answer's HTTP status; undefined while there is none, and if the connection broke before. */
  readonly status: number | undefined;
}

/** As many as are kept: a controller that runs wild must not take the memory. */
const limit = 10_000;

/**
 * Remembers requests in the order in which they were made: the last 10,000. Not those of the cluster's own controllers.
 *
 * @example `expect(cluster.requests.matching({ verbs: ["patch"], kind: ConfigMap })).toHaveLength(1);`
 */
export class RequestLog {
  readonly #records: { -readonly [Field in keyof RequestRecord]: RequestRecord[Field] }[] = [];

  /** All of them. */
  get all(): readonly RequestRecord[] {
    return [...this.#records];
  }

  /** Those that `match` means. */
  matching(match: RequestMatch): readonly RequestRecord[] {
    return this.#records.filter((record) => matchesRequest(match, record));
  }

  /** Forgets them: what comes next is counted from here. */
  clear(): void {
    this.#records.length = 0;
  }

  /** One line for each: the verb, the object, the status. */
  toString(): string {
    return this.#records.map(formatRecord).join("\n");
  }

  /** Around a handler: writes down what passes. */
  around(next: Handler, date: () => Date): Handler {
    return async (request) => {
      const { method, url, body } = request;
      const record = {
        ...requestFacts(request),
        method,
        url,
        body,
        at: date(),
        status: undefined as number | undefined,
      };
      if (this.#records.length === limit) this.#records.splice(0, limit / 10);
      this.#records.push(record);
      const response = await next(request);
      record.status = response.status;
      return response;
    };
  }
}

/** `update configmaps default/web 409`. */
export function formatRecord(record: RequestRecord): string {
  const { verb, method, url, group, plural, subresource, namespace, name, status = "unanswered" } = record;
  if (verb === undefined) return `${method} ${url} ${status}`;
  const resource = [group === "" ? plural : `${plural}.${group}`, subresource].filter((part) => part !== "").join("/");
  const object = [namespace, name].filter((part) => part !== "").join("/");
  return [verb, resource, object, status].filter((part) => part !== "").join(" ");
}
