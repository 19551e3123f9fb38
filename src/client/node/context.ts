/** One context of a kubeconfig, resolved and checked: the errors of a wrong one come before any request. */

import { KindredError } from "../../core/index.js";
import type { ClusterAccess } from "./cluster-access.js";
import {
  authorityFile,
  authorityText,
  basicCredential,
  clientCertificate,
  type Credential,
  type Now,
  type Part,
  tokenCredential,
  tokenFile,
} from "./credentials.js";
import { type ExecCluster, execPlugin } from "./exec-plugin.js";
import type { Impersonation } from "./impersonation.js";
import type { KubeconfigCluster, KubeconfigUser } from "./kubeconfig.js";
import type { LoadedKubeconfig } from "./kubeconfig-files.js";
import { oidcConfig, oidcCredential } from "./oidc.js";
import type { Environment } from "./proxy.js";
import { fixed, type Rotating } from "./rotating.js";

/** Which parts of a kubeconfig to use. */
export interface ContextOptions {
  /** Default: the kubeconfig's current-context. */
  readonly context?: string | undefined;
  /** The name of a cluster, instead of the context's. */
  readonly cluster?: string | undefined;
  /** The name of a user, instead of the context's. */
  readonly user?: string | undefined;
  /** The default namespace, instead of the context's. */
  readonly namespace?: string | undefined;
}

/** What the outside world is asked for. */
export interface Surroundings {
  readonly env: Environment;
  readonly now: Now;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The access that a context describes. Reads its CA, certificate, key and token files, so that what is missing is known now; runs no
 * plugin.
 *
 * @throws KindredError `CONFIG` or `AUTH` that names the file, the entry and the cure.
 */
export async function accessOf(
  { kubeconfig, source }: LoadedKubeconfig,
  options: ContextOptions,
  surroundings: Surroundings,
): Promise<ClusterAccess> {
  const contextName = options.context || kubeconfig["current-context"] || undefined;
  const contexts = kubeconfig.contexts ?? [];
  if (contextName === undefined && options.cluster === undefined) {
    throw new KindredError(
      "CONFIG",
      `${source} has no current-context: set one by kubectl config use-context, or name one in code: { context }; ${listed("contexts", contexts)}`,
    );
  }
  const context = contextName === undefined ? {} : (entry("context", contexts, contextName, { source }).context ?? {});
  const by = contextName === undefined ? undefined : `context ${JSON.stringify(contextName)}`;
  const clusterName = options.cluster || context.cluster;
  if (!clusterName) throw new KindredError("CONFIG", `${source}: ${by} names no cluster: set its cluster`);
  const cluster = entry("cluster", kubeconfig.clusters ?? [], clusterName, { source, by }).cluster ?? {};
  const userName = options.user || context.user;
  const user = userName ? (entry("user", kubeconfig.users ?? [], userName, { source, by }).user ?? {}) : {};
  const access = {
    ...clusterPart(cluster, { where: `${source}: cluster ${JSON.stringify(clusterName)}`, surroundings }),
    namespace: options.namespace || context.namespace || undefined,
  };
  const where = `${source}: user ${JSON.stringify(userName ?? "")}`;
  const complete = {
    ...access,
    ...userPart(user, { where, surroundings, cluster: () => clusterFor(access, cluster) }),
  };
  await firstRead(complete, user, surroundings.signal);
  return complete;
}

interface Place {
  readonly where: string;
  readonly surroundings: Surroundings;
}

function clusterPart(cluster: KubeconfigCluster, { where, surroundings }: Place) {
  const path = cluster["certificate-authority"] || undefined;
  const data = cluster["certificate-authority-data"] || undefined;
  const insecure = cluster["insecure-skip-tls-verify"] === true;
  if (insecure && (path !== undefined || data !== undefined)) {
    throw new KindredError(
      "CONFIG",
      `${where} has both insecure-skip-tls-verify and a certificate-authority: remove insecure-skip-tls-verify to verify the server`,
    );
  }
  return {
    server: checkServer(cluster.server || undefined, where),
    authority:
      data !== undefined
        ? authorityText(
            decodeData(data, `${where}: certificate-authority-data`),
            `${where}: certificate-authority-data`,
          )
        : path !== undefined
          ? authorityFile(path, { now: surroundings.now })
          : undefined,
    servername: cluster["tls-server-name"] || undefined,
    insecure,
    proxyUrl: cluster["proxy-url"] || undefined,
  };
}

/** The base URL without a slash at its end. @throws KindredError `CONFIG` */
function checkServer(server: string | undefined, where: string): string {
  if (server === undefined) throw new KindredError("CONFIG", `${where} has no server: set it to the API server's URL`);
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    throw new KindredError("CONFIG", `${where}: server is no URL of the kind https://host:port: correct it`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new KindredError(
      "CONFIG",
      `${where}: server ${url.origin} has a user, a query or a fragment: leave them out; credentials belong to the user`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function userPart(
  user: KubeconfigUser,
  place: Place & { readonly cluster: () => Promise<ExecCluster> },
): Pick<ClusterAccess, "certificate" | "login" | "impersonation"> {
  return {
    certificate: certificateOf(user, place),
    login: loginOf(user, place),
    impersonation: impersonationOf(user, place),
  };
}

function certificateOf(user: KubeconfigUser, { where, surroundings }: Place): ClusterAccess["certificate"] {
  const cert = part(user, "client-certificate", where);
  const key = part(user, "client-key", where);
  if (cert === undefined && key === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return clientCertificate(cert, key, surroundings.now);
  const [has, lacks] = key === undefined ? ["client-certificate", "client-key"] : ["client-key", "client-certificate"];
  throw new KindredError("CONFIG", `${where} has a ${has} but no ${lacks}: set both, or ${lacks}-data`);
}

function part(user: KubeconfigUser, field: "client-certificate" | "client-key", where: string): Part | undefined {
  const data = user[`${field}-data`];
  if (data) return { name: `${where}: ${field}-data`, text: decodeData(data, `${where}: ${field}-data`) };
  const path = user[field];
  return path ? { name: `${where}: the ${field}`, path } : undefined;
}

function loginOf(
  user: KubeconfigUser,
  { where, surroundings, cluster }: Place & { readonly cluster: () => Promise<ExecCluster> },
): Rotating<Credential> | undefined {
  const provider = user["auth-provider"];
  if (provider?.name === "oidc") {
    return oidcCredential(oidcConfig(provider["config"], where), { where, now: surroundings.now });
  }
  if (provider) throw unsupported(provider.name ?? "", where);
  const basic = Boolean(user.username || user.password);
  if (basic && (user.token || user.tokenFile)) {
    throw new KindredError("CONFIG", `${where} has both a token and a username with password: keep one of them`);
  }
  if (user.tokenFile) return tokenFile(user.tokenFile, surroundings.now);
  if (user.token) return fixed(tokenCredential(user.token, `${where}: token`));
  if (basic) return fixed(basicCredential(user.username ?? "", user.password ?? ""));
  if (user.exec) return execPlugin(user.exec, { where, cluster, env: surroundings.env, now: surroundings.now });
  return undefined;
}

const replacements: ReadonlyMap<string, string> = new Map([
  ["gcp", "the exec plugin gke-gcloud-auth-plugin: run gcloud container clusters get-credentials again"],
  ["azure", "the exec plugin kubelogin: run kubelogin convert-kubeconfig"],
]);

function unsupported(name: string, where: string): KindredError<"CONFIG"> {
  const cure = replacements.get(name) ?? "an exec plugin: ask whoever gave you the kubeconfig";
  return new KindredError(
    "CONFIG",
    `${where}: the auth-provider ${JSON.stringify(name)} is not supported: use ${cure}`,
  );
}

function impersonationOf(user: KubeconfigUser, { where }: Place): Impersonation | undefined {
  const groups = user["as-groups"] ?? undefined;
  const uid = user["as-uid"] || undefined;
  const extra = user["as-user-extra"] ?? undefined;
  if (user.as) return { user: user.as, groups, uid, extra };
  if (uid === undefined && (groups ?? []).length === 0 && Object.keys(extra ?? {}).length === 0) return undefined;
  throw new KindredError("CONFIG", `${where} impersonates a uid, groups or extra, but no user: set as`);
}

/** What an exec plugin is told, the CA as it is now. */
async function clusterFor(
  access: Pick<ClusterAccess, "server" | "servername" | "insecure" | "authority" | "proxyUrl">,
  cluster: KubeconfigCluster,
): Promise<ExecCluster> {
  const ca = await access.authority?.current();
  const own = cluster.extensions?.find(({ name }) => name === "client.authentication.k8s.io/exec");
  return {
    server: access.server,
    ...(access.servername !== undefined && { "tls-server-name": access.servername }),
    ...(access.insecure === true && { "insecure-skip-tls-verify": true }),
    ...(ca !== undefined && { "certificate-authority-data": Buffer.from(ca).toString("base64") }),
    ...(access.proxyUrl !== undefined && { "proxy-url": access.proxyUrl }),
    ...(own !== undefined && { config: own.extension }),
  };
}

async function firstRead(access: ClusterAccess, user: KubeconfigUser, signal: AbortSignal | undefined): Promise<void> {
  await access.authority?.current(signal);
  await access.certificate?.current(signal);
  if (user.tokenFile) await access.login?.current(signal);
}

function entry<T extends { readonly name: string }>(
  what: string,
  entries: readonly T[],
  name: string,
  { source, by }: { readonly source: string; readonly by?: string | undefined },
): T {
  const found = entries.find((one) => one.name === name);
  if (found !== undefined) return found;
  const named = by === undefined ? "" : `, which ${by} names`;
  throw new KindredError(
    "CONFIG",
    `${source} has no ${what} ${JSON.stringify(name)}${named}: correct the name or add it; ${listed(`${what}s`, entries)}`,
  );
}

function listed(what: string, entries: readonly { readonly name: string }[]): string {
  if (entries.length === 0) return `there are no ${what}`;
  return `the ${what} are ${entries.map(({ name }) => JSON.stringify(name)).join(", ")}`;
}

/** The text of a `-data` field. @throws KindredError `CONFIG`, without the data. */
function decodeData(data: string, where: string): string {
  const compact = data.replace(/\s+/g, "");
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    throw new KindredError("CONFIG", `${where} is not base64: encode the PEM file by base64, on one line`);
  }
  return Buffer.from(compact, "base64").toString("utf8");
}
