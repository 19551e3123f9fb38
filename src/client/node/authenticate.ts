/** Sends each request with the credential of the moment, and once more with a newer one if the server does not accept it. */

import type { Middleware } from "../index.js";
import type { ClusterAccess } from "./cluster-access.js";
import { sameCredential } from "./credentials.js";

/**
 * Middleware that adds the Authorization header, unless the request has one.
 *
 * A 401 renews the credential, once for all requests that were refused, and repeats the request if that brought another one: a 401
 * means that nothing was done.
 */
export function authenticate({ login, certificate }: Pick<ClusterAccess, "login" | "certificate">): Middleware {
  return (next) => async (request) => {
    if ("authorization" in request.headers) return next(request);
    const { signal } = request;
    const used = (await login?.current(signal)) ?? {};
    const usedPair = await certificate?.current(signal);
    const send = (authorization: string | undefined) =>
      next(authorization === undefined ? request : { ...request, headers: { ...request.headers, authorization } });
    const response = await send(used.authorization);
    if (response.status !== 401) return response;
    const renewed = (await login?.renew(used, signal)) ?? {};
    const pair = usedPair === undefined ? undefined : await certificate?.renew(usedPair, signal);
    if (
      sameCredential(
        { ...used, certificate: used.certificate ?? usedPair },
        { ...renewed, certificate: renewed.certificate ?? pair },
      )
    ) {
      return response;
    }
    await response.discard();
    return send(renewed.authorization);
  };
}
