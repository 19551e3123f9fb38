/** The OIDC provider of a kubeconfig: an id token, and a refresh token to get the next one with. */

import { readFile } from "node:fs/promises";
import { KindredError } from "../../core/index.js";
import { type Credential, type Now, sameCredential, tokenCredential } from "./credentials.js";
import { type Loaded, type Rotating, rotating } from "./rotating.js";

/** `auth-provider.config` as kubectl knows it. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
  /** PEM, or the path of a file with it, of the authority that vouches for the issuer. */
  readonly authority: { readonly pem: string } | { readonly path: string } | undefined;
}

/** A token this close to its end is renewed: client-go's margin. */
const marginMs = 10_000;

/** Reads the provider's configuration. @throws KindredError `CONFIG` that names what is missing. */
export function oidcConfig(config: unknown, where: string): OidcConfig {
  const text = (name: string) => {
    const value = typeof config === "object" && config !== null ? Reflect.get(config, name) : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const required = (name: string) => {
    const value = text(name);
    if (value !== undefined) return value;
    throw new KindredError("CONFIG", `${where}: the auth-provider oidc has no ${name}: set it, or log in again`);
  };
  const data = text("idp-certificate-authority-data");
  const path = text("idp-certificate-authority");
  const idToken = text("id-token");
  const refreshToken = text("refresh-token");
  if (idToken === undefined && refreshToken === undefined) {
    throw new KindredError(
      "CONFIG",
      `${where}: the auth-provider oidc has neither id-token nor refresh-token: log in again`,
    );
  }
  return {
    issuer: required("idp-issuer-url"),
    clientId: required("client-id"),
    clientSecret: text("client-secret"),
    idToken,
    refreshToken,
    authority:
      data !== undefined
        ? { pem: Buffer.from(data, "base64").toString("utf8") }
        : path !== undefined
          ? { path }
          : undefined,
  };
}

/**
 * The credential of an id token, which is refreshed when it has expired or was refused. A refresh token that the issuer replaces is
 * kept for this client's life; the file stays as it is.
 */
export function oidcCredential(
  config: OidcConfig,
  options: { readonly where: string; readonly now: Now },
): Rotating<Credential> {
  const { where, now } = options;
  let { idToken, refreshToken } = config;
  return rotating(
    async (signal) => {
      const known = idToken;
      // Used once: whoever asks again was refused, or the token has expired.
      idToken = undefined;
      if (known !== undefined && expiryOf(known) - marginMs > now()) return loaded(known, where, now);
      if (refreshToken === undefined) {
        throw new KindredError(
          "AUTH",
          `${where}: the id-token has expired and there is no refresh-token: log in again`,
        );
      }
      const tokens = await refresh(config, refreshToken, { where, signal });
      refreshToken = tokens.refreshToken ?? refreshToken;
      return loaded(tokens.idToken, where, now);
    },
    { now, same: sameCredential },
  );
}

function loaded(token: string, where: string, now: Now): Loaded<Credential> {
  const expiry = expiryOf(token);
  // A token that is fresh for a moment only is used at least once.
  return {
    value: tokenCredential(token, `${where}: id-token`),
    freshUntil: Math.max(expiry - marginMs, now() + 1),
    validUntil: expiry,
  };
}

/** When a JSON Web Token expires, in milliseconds since 1970; long ago if it does not say. The API server verifies it, not we. */
function expiryOf(token: string): number {
  try {
    const [, payload = ""] = token.split(".");
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const exp = typeof claims === "object" && claims !== null && "exp" in claims ? Number(claims.exp) : Number.NaN;
    return Number.isFinite(exp) ? exp * 1000 : 0;
  } catch {
    return 0;
  }
}

interface Tokens {
  readonly idToken: string;
  readonly refreshToken: string | undefined;
}

async function refresh(
  config: OidcConfig,
  refreshToken: string,
  { where, signal }: { readonly where: string; readonly signal: AbortSignal },
): Promise<Tokens> {
  const client = await loadLibrary(where);
  const { close, fetch } = await fetchFor(config, signal);
  try {
    const issuer = new URL(config.issuer);
    const plain = issuer.protocol === "http:" ? [client.allowInsecureRequests] : [];
    const server = await client.discovery(issuer, config.clientId, config.clientSecret, undefined, {
      execute: plain,
      [client.customFetch]: fetch,
    });
    const tokens = await client.refreshTokenGrant(server, refreshToken);
    if (tokens.id_token === undefined) throw new Error("the issuer gave no id_token");
    return { idToken: tokens.id_token, refreshToken: tokens.refresh_token };
  } catch (cause) {
    signal.throwIfAborted();
    // The library's errors may carry the response, tokens and all: they are not kept.
    throw new KindredError(
      "AUTH",
      `${where}: the issuer ${config.issuer} did not refresh the id token (${reasonOf(cause)}): log in again`,
    );
  } finally {
    await close();
  }
}

/** `openid-client` is the user's to install: most clusters need none of it. */
async function loadLibrary(where: string) {
  try {
    return await import("openid-client");
  } catch (cause) {
    throw new KindredError(
      "AUTH",
      `${where}: the auth-provider oidc needs a package to refresh its token: npm install openid-client`,
      { cause },
    );
  }
}

/** A fetch that trusts the issuer's own authority, and obeys the signal. */
async function fetchFor({ authority }: OidcConfig, signal: AbortSignal) {
  const { Agent, fetch } = await import("undici");
  const ca =
    authority === undefined ? undefined : "pem" in authority ? authority.pem : await readFile(authority.path, "utf8");
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } });
  const request = async (
    url: string,
    init: { method: string; headers: Record<string, string>; body?: unknown },
  ): Promise<Response> => {
    const body = init.body instanceof URLSearchParams ? { body: init.body.toString() } : {};
    const { method, headers } = init;
    const response = await fetch(url, { method, headers, ...body, redirect: "manual", dispatcher, signal });
    return new Response(await response.text(), {
      status: response.status,
      headers: Object.fromEntries(response.headers),
    });
  };
  return { fetch: request, close: () => dispatcher.close() };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "error" in error ? error.error : undefined;
  if (typeof code === "string") return code;
  return error instanceof Error ? error.message : "unknown reason";
}
