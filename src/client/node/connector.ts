/** Opens the connections of a pool: TCP or a tunnel through a proxy, then TLS. */

import { isIP, isIPv6, type Socket } from "node:net";
import { checkServerIdentity, type ConnectionOptions } from "node:tls";
import type { buildConnector } from "undici";
import { type Attempt, ConnectFailure, connectFailure } from "./connection-error.js";
import { type Proxy, unbracket } from "./proxy.js";
import type { TlsMaterial } from "./tls-source.js";

/** What the connections of one pool have in common. */
export interface ConnectorOptions {
  readonly material: TlsMaterial;
  readonly proxy: Proxy | undefined;
  readonly connectTimeoutMs: number;
  /** Whether a request waits for a connection: undici also connects for one that was aborted, in vain. */
  readonly isWanted: () => boolean;
}

/** A connector for undici; what it fails with is a ConnectFailure. */
export function connectorFor(build: typeof buildConnector, options: ConnectorOptions): buildConnector.connector {
  const { material, proxy, connectTimeoutMs, isWanted } = options;
  const direct = build({
    ...tlsOptions(material),
    timeout: connectTimeoutMs,
    // Below the 60 seconds after which load balancers forget a silent connection.
    keepAliveInitialDelay: 30_000,
  });
  return (target, callback) => {
    if (!isWanted()) return callback(new ConnectFailure("the request was aborted"), null);
    const host = unbracket(target.hostname);
    const port = Number(target.port) || (target.protocol === "https:" ? 443 : 80);
    const attempt: Attempt = {
      host: `${isIPv6(host) ? `[${host}]` : host}:${port}`,
      connectTimeoutMs,
      proxy: proxy?.name,
    };
    const fail = (error: unknown) => callback(connectFailure(error, attempt), null);
    const dial = (more: Partial<buildConnector.Options>) => {
      try {
        direct({ ...target, ...more }, (...[error, socket]) => (error ? fail(error) : callback(null, socket)));
      } catch (error) {
        fail(error);
      }
    };
    if (proxy === undefined) return dial({});
    const use = (socket: Socket) =>
      target.protocol === "https:" ? dial({ httpSocket: socket }) : callback(null, socket);
    proxy.open({ host, port }, connectTimeoutMs).then(use, fail);
  };
}

type TlsOptions = Pick<
  ConnectionOptions,
  "ca" | "cert" | "key" | "rejectUnauthorized" | "servername" | "checkServerIdentity"
>;

function tlsOptions({ ca, cert, key, servername, insecure }: TlsMaterial): TlsOptions {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(insecure === true && { rejectUnauthorized: false }),
    ...(servername !== undefined && nameOptions(servername)),
  };
}

/** An address may be verified, but RFC 6066 forbids to send it as a server name. */
function nameOptions(servername: string): TlsOptions {
  if (isIP(servername) === 0) return { servername };
  return { checkServerIdentity: (_host, certificate) => checkServerIdentity(servername, certificate) };
}
