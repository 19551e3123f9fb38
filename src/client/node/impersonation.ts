/** Acting as somebody else, whom RBAC allows the real user to impersonate. */

import { invalidArgument } from "../../core/index.js";
import type { Middleware } from "../index.js";

/** Whom to act as. @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
export interface Impersonation {
  readonly user: string;
  readonly groups?: readonly string[] | undefined;
  readonly uid?: string | undefined;
  /** Further facts about the user; keys of any characters. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Middleware that adds the headers. @throws KindredError `INVALID_ARGUMENT` for no user, or what cannot be in a header. */
export function impersonate(as: Impersonation): Middleware {
  const headers = impersonationHeaders(as);
  return (next) => (request) => next({ ...request, headers: { ...request.headers, ...headers } });
}

/** The headers of an impersonation, names in lower case. */
export function impersonationHeaders(as: Impersonation): Readonly<Record<string, string | readonly string[]>> {
  if (as.user === "")
    throw invalidArgument("an impersonation needs a user, also if only groups, a uid or extra matter");
  return Object.freeze({
    "impersonate-user": headerValue(as.user, "user"),
    ...(as.groups !== undefined &&
      as.groups.length > 0 && { "impersonate-group": as.groups.map((group) => headerValue(group, "groups")) }),
    ...(as.uid !== undefined && as.uid !== "" && { "impersonate-uid": headerValue(as.uid, "uid") }),
    ...Object.fromEntries(
      Object.entries(as.extra ?? {}).map(([key, values]) => [
        `impersonate-extra-${headerName(key)}`,
        values.map((value) => headerValue(value, `extra ${key}`)),
      ]),
    ),
  });
}

/** Percent-encodes what a header name cannot hold; the API server decodes it, and lower-cases all of it. */
function headerName(key: string): string {
  if (key === "") throw invalidArgument("an impersonation: a key of extra is empty");
  return [...Buffer.from(key.toLowerCase())]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9!#$&'*+.^_`|~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

function headerValue(value: string, what: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return value;
  throw invalidArgument(
    `an impersonation: ${what} ${JSON.stringify(value)} cannot be in a header: use printable ASCII without spaces at the ends`,
  );
}
