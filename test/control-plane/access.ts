/** Who may do what with the control plane: certificates, tokens, and the kubeconfig that holds them. */

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { ControlPlaneError, hasCode } from "./error.js";

/** The files that say who may do what; all in the control plane's temporary directory. */
export interface Access {
  /** The certificate authority of the server and of client certificates. */
  readonly ca: string;
  readonly caKey: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** The certificate of an administrator: user `certificate-admin` in group `system:masters`. */
  readonly adminCertificate: string;
  readonly adminKey: string;
  /** Signs the tokens of service accounts. */
  readonly serviceAccountKey: string;
  /** For `--token-auth-file`: user `admin` in group `system:masters`, and user `powerless`. */
  readonly tokenFile: string;
  readonly adminToken: string;
  readonly powerlessToken: string;
}

/** Creates keys, certificates and tokens in a directory. */
export async function createAccess(
  binary: string,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<Access> {
  await promisify(execFile)(binary, ["certificates", directory], { signal });
  const adminToken = randomBytes(24).toString("hex");
  const powerlessToken = randomBytes(24).toString("hex");
  const tokenFile = join(directory, "tokens.csv");
  await writeFile(tokenFile, `${adminToken},admin,admin,"system:masters"\n${powerlessToken},powerless,powerless\n`, {
    mode: 0o600,
  });
  return {
    ca: join(directory, "ca.crt"),
    caKey: join(directory, "ca.key"),
    serverCertificate: join(directory, "server.crt"),
    serverKey: join(directory, "server.key"),
    adminCertificate: join(directory, "admin.crt"),
    adminKey: join(directory, "admin.key"),
    serviceAccountKey: join(directory, "service-account.key"),
    tokenFile,
    adminToken,
    powerlessToken,
  };
}

/**
 * Writes a kubeconfig with three contexts: `admin` (the current one, by token), `admin-certificate` (by client certificate) and
 * `powerless` (a user without any rights). Never overwrites a file.
 */
export async function writeKubeconfig(path: string, server: string, access: Access): Promise<void> {
  const cluster = "kindred-control-plane";
  const users = {
    admin: { token: access.adminToken },
    "admin-certificate": { "client-certificate": access.adminCertificate, "client-key": access.adminKey },
    powerless: { token: access.powerlessToken },
  };
  const names = Object.keys(users);
  const content = stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: cluster, cluster: { server, "certificate-authority": access.ca } }],
    users: Object.entries(users).map(([name, user]) => ({ name, user })),
    contexts: names.map((name) => ({ name, context: { cluster, user: name } })),
    "current-context": "admin",
  });
  try {
    await writeFile(path, content, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw hasCode(error, "EEXIST") ? kubeconfigExists(path) : error;
  }
}

/** The error for a kubeconfig that would be overwritten. */
export function kubeconfigExists(path: string): ControlPlaneError {
  return new ControlPlaneError(
    `cannot write the kubeconfig ${path}: the file exists. Name another file, or remove it.`,
  );
}
