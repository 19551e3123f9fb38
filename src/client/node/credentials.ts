/** Who the client is: what a user of a kubeconfig says, as values that follow their files. */

import { readFile } from "node:fs/promises";
import { KindredError } from "../../core/index.js";
import { fixed, type Loaded, type Rotating, rotating } from "./rotating.js";

/** What a request is sent with. Holds secrets: never put one into an error or a log. */
export interface Credential {
  /** The value of the Authorization header. */
  readonly authorization?: string | undefined;
  /** A certificate that came with it. */
  readonly certificate?: ClientCertificate | undefined;
}

/** A certificate chain and its private key, as PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Where the time comes from. */
export type Now = () => number;

/** Projected service account tokens are renewed long before they expire; client-go reads them once a minute too. */
const tokenAgeMs = 60_000;
/** Certificates may be replaced at any time, and reading them costs little. */
const certificateAgeMs = 10_000;

/** The credential of a token that never changes. @throws KindredError `AUTH` if it cannot be in a header. */
export function tokenCredential(token: string, where: string): Credential {
  const trimmed = token.trim();
  if (!/^[\x21-\x7e]+$/.test(trimmed)) {
    const what = trimmed === "" ? "is empty" : "has characters that no token has, such as spaces";
    throw new KindredError("AUTH", `${where} ${what}: write the token there, and nothing else`);
  }
  return Object.freeze({ authorization: `Bearer ${trimmed}` });
}

/** User and password; API servers accept them no more, but proxies before them do. */
export function basicCredential(username: string, password: string): Credential {
  return Object.freeze({
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
  });
}

/** A token in a file, read again once a minute and after a 401. */
export function tokenFile(path: string, now: Now): Rotating<Credential> {
  return rotating(
    async (signal) =>
      kept(
        tokenCredential(await readText(path, "the token file", signal), `the token file ${path}`),
        now() + tokenAgeMs,
      ),
    { now, same: sameCredential },
  );
}

/** CA certificates in a file, read again when older than `maxAgeMs` (default 10,000) and after a failed connection. */
export function authorityFile(path: string, { now, maxAgeMs = certificateAgeMs }: FileOptions): Rotating<string> {
  const what = "the certificate-authority";
  return rotating(
    async (signal) => kept(checkAuthority(await readText(path, what, signal), `${what} ${path}`), now() + maxAgeMs),
    { now, same: (a, b) => a === b, keepsOld: true },
  );
}

interface FileOptions {
  readonly now: Now;
  readonly maxAgeMs?: number;
}

/** A client certificate, each part in a file or given as text; a pair that does not match, half replaced, is not taken. */
export function clientCertificate(cert: Part, key: Part, now: Now): Rotating<ClientCertificate> {
  const load = async (signal: AbortSignal) => {
    const [certText, keyText] = await Promise.all([readPart(cert, signal), readPart(key, signal)]);
    return checkPair({ cert: certText, key: keyText }, `${cert.name} and ${key.name}`);
  };
  return rotating(
    async (signal) => kept(await load(signal), "path" in cert || "path" in key ? now() + certificateAgeMs : never),
    { now, same: (a, b) => a.cert === b.cert && a.key === b.key, keepsOld: true },
  );
}

/** One half of a client certificate; `name` is what to call it in errors. */
export type Part = { readonly name: string; readonly path: string } | { readonly name: string; readonly text: string };

/** CA certificates that never change. @throws KindredError `CONFIG` if they are none. */
export function authorityText(pem: string, where: string): Rotating<string> {
  return fixed(checkAuthority(pem, where));
}

/** @throws KindredError `CONFIG` for certificate and key that TLS cannot use. */
export function checkPair(pair: ClientCertificate, where: string): ClientCertificate {
  try {
    tryForTls({ cert: pair.cert, key: pair.key });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KindredError(
      "CONFIG",
      `${where} cannot be used (${why}): they must be PEM, unencrypted, and belong together`,
    );
  }
  return Object.freeze(pair);
}

/** Whether two credentials are the same. */
export function sameCredential(a: Credential, b: Credential): boolean {
  return (
    a.authorization === b.authorization &&
    a.certificate?.cert === b.certificate?.cert &&
    a.certificate?.key === b.certificate?.key
  );
}

const never = Number.POSITIVE_INFINITY;

/** A file's content: the old one will do for as long as the new one cannot be had. */
function kept<T>(value: T, freshUntil: number): Loaded<T> {
  return { value, freshUntil, validUntil: never };
}

function checkAuthority(pem: string, where: string): string {
  try {
    if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw new Error("no PEM certificate in it");
    tryForTls({ ca: pem });
    return pem;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KindredError(
      "CONFIG",
      `${where} cannot be used (${why}): it must hold the cluster's CA certificate as PEM`,
    );
  }
}

async function readPart(part: Part, signal: AbortSignal): Promise<string> {
  return "path" in part ? readText(part.path, part.name, signal) : part.text;
}

async function readText(path: string, what: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(path, { encoding: "utf8", signal });
  } catch (cause) {
    signal.throwIfAborted();
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new KindredError("CONFIG", `${what} ${path} ${why}: check the path in the kubeconfig and its permissions`, {
      cause,
    });
  }
}

/** Node's TLS takes as long to load as all of kindred: it is loaded when there is something to try. @throws Error as OpenSSL says it. */
function tryForTls(material: { readonly ca?: string; readonly cert?: string; readonly key?: string }): void {
  process.getBuiltinModule("node:tls").createSecureContext(material);
}
