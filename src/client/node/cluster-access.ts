/** What it takes to reach one cluster as one user, whatever it was configured by. */

import type { ClientCertificate, Credential } from "./credentials.js";
import type { Impersonation } from "./impersonation.js";
import type { Rotating } from "./rotating.js";
import type { TlsSource } from "./tls-source.js";

/** Where the API server is and who the client is. The secrets are behind functions, where nothing prints them. */
export interface ClusterAccess {
  readonly server: string;
  readonly namespace: string | undefined;
  /** PEM of the authorities that the server's certificate may be signed by. */
  readonly authority?: Rotating<string> | undefined;
  readonly servername?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly certificate?: Rotating<ClientCertificate> | undefined;
  readonly login?: Rotating<Credential> | undefined;
  readonly impersonation?: Impersonation | undefined;
  readonly proxyUrl?: string | undefined;
}

/** The TLS side of an access. A certificate that comes with the login is preferred. */
export function tlsOf(access: ClusterAccess): TlsSource {
  const { authority, certificate, login, servername, insecure } = access;
  return async ({ signal, fresh = false }) => {
    const [ca, credential, own] = await Promise.all([
      latest(authority, fresh, signal),
      login?.current(signal),
      latest(certificate, fresh, signal),
    ]);
    const pair = credential?.certificate ?? own;
    return { ca, cert: pair?.cert, key: pair?.key, servername, insecure };
  };
}

async function latest<T>(
  source: Rotating<T> | undefined,
  fresh: boolean,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  const value = await source?.current(signal);
  return fresh && source !== undefined && value !== undefined ? source.renew(value, signal) : value;
}
