/** Who asks, and what they may do: the administrator everything, everyone else almost nothing. Roles are not looked at yet. */

import { failure, type Failure } from "./failure.js";
import { type JsonObject, objectOf, textOf } from "./json.js";
import { type ApiRequest, headerOf, type RequestInfo } from "./request.js";

/** Someone who asks. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** Who holds every right. */
export const administrator: User = Object.freeze({
  username: "admin",
  uid: "admin",
  groups: Object.freeze(["system:masters", "system:authenticated"]),
});

const anonymous: User = Object.freeze({
  username: "system:anonymous",
  groups: Object.freeze(["system:unauthenticated"]),
});

/** Knows service accounts by `namespace/name`. */
export type FindAccount = (key: string) => JsonObject | undefined;

/**
 * The user behind a request. Without an administrator's token, everyone is the administrator.
 *
 * @throws Failure 401 for a token that nobody gave.
 */
export function authenticate(request: ApiRequest, token: string | undefined, find: FindAccount): User {
  if (token === undefined) return administrator;
  const [scheme = "", given = ""] = headerOf(request, "authorization").split(" ");
  if (scheme.toLowerCase() !== "bearer" || given === "") return anonymous;
  if (given === token) return administrator;
  const subject = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subjectOf(given));
  const [username = "", namespace = "", name = ""] = subject ?? [];
  if (subject === null || find(`${namespace}/${name}`) === undefined) throw unauthorized();
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { username, groups };
}

function subjectOf(token: string): string {
  const [, claims = ""] = token.split(".");
  try {
    const value: unknown = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    return textOf(objectOf(value)["sub"]);
  } catch {
    return "";
  }
}

const unauthorized = (): Failure =>
  failure({ code: 401, reason: "Unauthorized", message: "Unauthorized", headers: { "www-authenticate": "Bearer" } });

const publicPath = /^\/(?:version|healthz|livez|readyz)(?:\/|$)/;
const discoveryPath = /^\/(?:api|apis|openapi)(?:\/|$)/;
/** Questions about oneself, open to everyone who is someone. */
const selfReview = /^self/;

/** Checks that the user may do it. @throws Failure 403. */
export function authorize(user: User, verb: string, path: string, info: RequestInfo | undefined): void {
  if (user.groups.includes("system:masters") || publicPath.test(path)) return;
  const isKnown = user.groups.includes("system:authenticated");
  if (info === undefined) {
    if (isKnown && discoveryPath.test(path)) return;
    throw failure({
      code: 403,
      reason: "Forbidden",
      message: `forbidden: User ${JSON.stringify(user.username)} cannot ${verb} path ${JSON.stringify(path)}`,
      details: {},
    });
  }
  if (isKnown && verb === "create" && selfReview.test(info.plural)) return;
  throw forbiddenResource(user, verb, info);
}

function forbiddenResource(user: User, verb: string, info: RequestInfo): Failure {
  const { group, plural, name, namespace, subresource } = info;
  const resource = subresource === "" ? plural : `${plural}/${subresource}`;
  const qualified = group === "" ? plural : `${plural}.${group}`;
  const where =
    namespace === "" || plural === "namespaces"
      ? "at the cluster scope"
      : `in the namespace ${JSON.stringify(namespace)}`;
  return failure({
    code: 403,
    reason: "Forbidden",
    message: `${qualified}${name === "" ? "" : ` ${JSON.stringify(name)}`} is forbidden: User ${JSON.stringify(user.username)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${where}`,
    details: { ...(name === "" ? {} : { name }), ...(group === "" ? {} : { group }), kind: plural },
  });
}

/** What a user is, as reviews tell it. */
export function userInfo(user: User): JsonObject {
  return { username: user.username, ...(user.uid === undefined ? {} : { uid: user.uid }), groups: user.groups };
}
