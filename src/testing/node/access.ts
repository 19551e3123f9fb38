/** Who a server is, and who may use it: a certificate authority and an administrator's token, kept beside the data. */

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KindredError } from "../../core/index.js";
import { createAuthority, type KeyedCertificate } from "./certificates.js";
import { makeFolder } from "./folder.js";
import { isCode } from "./lock.js";

/** What clients must know, and the server must keep. */
export interface Access {
  /** The administrator's bearer token. */
  readonly token: string;
  readonly authority: KeyedCertificate;
}

const files = { token: "token", certificate: "ca.crt", key: "ca.key" } as const;

/** Makes a new one, of which only this process knows. */
export function newAccess(now: number): Access {
  return { token: randomBytes(24).toString("hex"), authority: createAuthority(now) };
}

/**
 * The one of a folder, which is made at the first time: kubeconfigs stay good when the server is started again.
 *
 * @throws KindredError `CONFIG` if a part of it is missing or unreadable.
 */
export function accessOf(folder: string, now: number): Access {
  try {
    const found = Object.values(files).map((name) => read(join(folder, name)));
    const [token, certificate, key] = found;
    if (token !== undefined && certificate !== undefined && key !== undefined) {
      return { token: token.trim(), authority: { certificate, key } };
    }
    if (found.some((text) => text !== undefined)) {
      const all = Object.values(files).join(", ");
      throw new KindredError("CONFIG", `${folder} has some of ${all}, but not all: put back or remove them together`);
    }
    return makeAccess(folder, now);
  } catch (cause) {
    if (cause instanceof KindredError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KindredError("CONFIG", `cannot keep the server's keys in ${folder}: ${why}`, { cause });
  }
}

function makeAccess(folder: string, now: number): Access {
  const access = newAccess(now);
  makeFolder(folder);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600, flag: "wx" });
  write(files.token, `${access.token}\n`);
  write(files.certificate, access.authority.certificate);
  write(files.key, access.authority.key);
  return access;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** How kubectl and every other client get to a server. */
export interface KubeconfigParts {
  readonly url: string;
  /** PEM; undefined for plain HTTP. */
  readonly certificate?: string | undefined;
  /** kubectl sends none over plain HTTP. */
  readonly token?: string | undefined;
}

/** The name of the cluster, the user and the context in the kubeconfigs that are written here. */
export const contextName = "kindred";

/** A kubeconfig with one context. */
export function kubeconfigOf({ url, certificate, token }: KubeconfigParts): string {
  const name = contextName;
  const ca =
    certificate === undefined
      ? []
      : [`    certificate-authority-data: ${Buffer.from(certificate, "utf8").toString("base64")}`];
  return [
    "apiVersion: v1",
    "kind: Config",
    "clusters:",
    `- name: ${name}`,
    "  cluster:",
    `    server: ${url}`,
    ...ca,
    "users:",
    `- name: ${name}`,
    token === undefined ? "  user: {}" : `  user:\n    token: ${token}`,
    "contexts:",
    `- name: ${name}`,
    "  context:",
    `    cluster: ${name}`,
    `    user: ${name}`,
    `current-context: ${name}`,
    "",
  ].join("\n");
}
