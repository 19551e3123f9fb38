/** Carries out faults on the requests that pass. */

import { durationMs, invalidArgument, KindredError } from "../../core/index.js";
import { sleep } from "../../runtime/index.js";
import type { ServerClock } from "../clock.js";
import { type Failure, failure } from "../failure.js";
import { expired, listVersionExpiredText } from "../messages.js";
import type { ApiRequest, ApiResponse, WatchBody } from "../request.js";
import type { Fault, FaultRule } from "./fault.js";
import { matchesRequest, type RequestFacts, requestFacts, type RequestMatch } from "./request-facts.js";
import type { ClusterClock } from "./test-clock.js";
import type { Handler } from "./transport.js";
import { OpenWatches } from "./watch-drops.js";

/** What faults are carried out with. */
export interface FaultsOptions {
  readonly clock: ClusterClock;
  /** Chance for rules with a probability: its own, so that a rule changes no names. */
  readonly random: ServerClock["random"];
  /** The server's present revision. */
  readonly revision: () => string;
  /** Carries out a request's wait for the clock. */
  readonly during: (request: ApiRequest, wait: () => Promise<void>) => Promise<void>;
}

/** The rules, in the order in which they were made: the first that strikes decides, except that delays let others follow. */
export class Faults {
  readonly #options: FaultsOptions;
  readonly #rules = new Set<Rule>();
  readonly #watches = new OpenWatches();

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /** Makes a rule. @throws KindredError `INVALID_ARGUMENT` if its numbers make no sense. */
  add(rule: FaultRule): Fault {
    const added = new Rule(rule, this.#options.revision());
    this.#rules.add(added);
    return {
      get hits() {
        return added.hits;
      },
      [Symbol.dispose]: () => void this.#rules.delete(added),
    };
  }

  /** Breaks open watches. @returns how many. */
  dropWatches(match: RequestMatch): number {
    return this.#watches.drop(match);
  }

  /** Around a handler: strikes what passes. */
  around(next: Handler): Handler {
    return async (request) => {
      const facts = requestFacts(request);
      const answer = await this.#answer(request, facts, next);
      if (typeof answer.response.body === "string") return answer.response;
      return { ...answer.response, body: this.#watches.add(answer.response.body, facts, answer.afterEvents) };
    };
  }

  async #answer(request: ApiRequest, facts: RequestFacts, next: Handler): Promise<Answer> {
    for (const rule of this.#rules) {
      if (!rule.concerns(facts)) continue;
      if (rule.is("stale-list") && facts.verb === "watch") {
        if (isStreamingList(request)) return { response: refusal(noStreaming()) };
        continue;
      }
      if (!rule.strikes(this.#options.random)) continue;
      const answer = await this.#strike(rule, request, { facts, next });
      if (answer !== undefined) return answer;
    }
    return { response: await next(request) };
  }

  /** @returns nothing if the request goes on its way. */
  async #strike(
    { rule, revision }: Rule,
    request: ApiRequest,
    { facts, next }: { readonly facts: RequestFacts; readonly next: Handler },
  ): Promise<Answer | undefined> {
    switch (rule.fault) {
      case "delay":
        await this.#options.during(request, () =>
          sleep(this.#options.clock, durationMs(rule.by), { signal: request.signal }),
        );
        return undefined;
      case "disconnect":
        if (rule.when === "after") discard(await next(request));
        throw disconnected(request, rule.when);
      case "drop-watch":
        return { response: await next(request), afterEvents: rule.afterEvents ?? 0 };
      case "stale-list":
        return { response: await next({ ...request, url: atRevision(request.url, revision) }) };
      case "expired":
        return { response: facts.verb === "watch" ? expiredWatch() : refusal(expired(listVersionExpiredText)) };
      case "conflict":
      case "internal-error":
      case "too-many-requests":
        return { response: refusal(refusalOf(rule, facts)) };
      default:
        throw invalidArgument(`there is no fault ${JSON.stringify(rule satisfies never)}`);
    }
  }
}

interface Answer {
  readonly response: ApiResponse;
  readonly afterEvents?: number;
}

class Rule {
  readonly rule: FaultRule;
  readonly revision: string;
  hits = 0;
  #seen = 0;

  constructor(rule: FaultRule, revision: string) {
    for (const count of ["skip", "times"] as const) {
      const value = rule[count];
      if (value !== undefined && !(Number.isInteger(value) && value >= 0))
        throw invalidArgument(`a fault's ${count} must be a whole number, but is ${value}`);
    }
    const { probability = 1 } = rule;
    if (!(probability >= 0 && probability <= 1))
      throw invalidArgument(`a fault's probability must be from 0 to 1, but is ${probability}`);
    this.rule = rule;
    this.revision = revision;
  }

  is(fault: FaultRule["fault"]): boolean {
    return this.rule.fault === fault;
  }

  concerns(facts: RequestFacts): boolean {
    const only = verbsOf[this.rule.fault];
    if (only !== undefined && (facts.verb === undefined || !only.has(facts.verb))) return false;
    return this.hits < (this.rule.times ?? Number.POSITIVE_INFINITY) && matchesRequest(this.rule, facts);
  }

  strikes(random: () => number): boolean {
    const { skip = 0, probability } = this.rule;
    this.#seen += 1;
    if (this.#seen <= skip) return false;
    if (probability !== undefined && random() >= probability) return false;
    this.hits += 1;
    return true;
  }
}

const writes: ReadonlySet<string> = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** What a fault can happen to, where that is not everything. */
const verbsOf: Readonly<Partial<Record<FaultRule["fault"], ReadonlySet<string>>>> = {
  conflict: writes,
  expired: new Set(["list", "watch"]),
  "drop-watch": new Set(["watch"]),
  "stale-list": new Set(["list", "watch"]),
};

function refusalOf(
  rule: Extract<FaultRule, { fault: "conflict" | "internal-error" | "too-many-requests" }>,
  { group, plural, name }: RequestFacts,
): Failure {
  const resource = group === "" ? plural : `${plural}.${group}`;
  const details = { name, ...(group === "" ? {} : { group }), kind: plural };
  switch (rule.fault) {
    case "conflict":
      return failure({
        code: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on ${resource} ${JSON.stringify(name)}: the object has been modified; please apply your changes to the latest version and try again`,
        details,
      });
    case "internal-error":
      return failure({ code: 500, reason: "InternalError", message: "Internal error occurred: the test injected it" });
    case "too-many-requests":
      return failure({
        code: 429,
        reason: "TooManyRequests",
        message: "too many requests, please try again later",
        details: { ...details, retryAfterSeconds: Math.ceil(durationMs(rule.retryAfter ?? { seconds: 1 }) / 1000) },
      });
    default:
      throw invalidArgument(`there is no fault ${JSON.stringify(rule satisfies never)}`);
  }
}

/** As an API server answers that does not stream lists: the client then pages, and meets the fault there. */
function noStreaming(): Failure {
  return failure({
    code: 422,
    reason: "Invalid",
    message: 'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: this server streams no lists',
    details: { group: "meta.k8s.io", kind: "ListOptions" },
  });
}

function refusal({ code, status, headers }: Failure): ApiResponse {
  return { status: code, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(status) };
}

function expiredWatch(): ApiResponse {
  const { status } = expired("too old resource version: the test let it expire");
  const line = `${JSON.stringify({ type: "ERROR", object: status })}\n`;
  return { status: 200, headers: { "content-type": "application/json" }, body: line };
}

function disconnected({ method, url }: ApiRequest, when: "before" | "after"): Error {
  const what = when === "before" ? "before the server got the request" : "before its answer came";
  return new KindredError("CONNECTION", `${method} ${url}: the test broke the connection, ${what}`);
}

function discard({ body }: ApiResponse): void {
  if (typeof body !== "string") void (body satisfies WatchBody).return();
}

function isStreamingList({ url }: ApiRequest): boolean {
  return new URL(url, "http://kindred").searchParams.get("sendInitialEvents") === "true";
}

/** A page that goes on stays where its list began. */
function atRevision(url: string, revision: string): string {
  const { pathname, searchParams } = new URL(url, "http://kindred");
  if (searchParams.has("continue")) return url;
  searchParams.set("resourceVersion", revision);
  searchParams.set("resourceVersionMatch", "Exact");
  return `${pathname}?${searchParams.toString()}`;
}
