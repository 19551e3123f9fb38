/** An API server that listens: with its controllers, its identity, and its data on disk if wanted. */

import { hostname, networkInterfaces } from "node:os";
import type { KindredError } from "../../core/index.js";
import { type Controllers, startControllers } from "../cluster/index.js";
import { versionInfo } from "../discovery.js";
import { ApiServer, machineClock } from "../index.js";
import { type Access, accessOf, kubeconfigOf, newAccess } from "./access.js";
import { issueServerCertificate } from "./certificates.js";
import { Journal, type JournalOptions } from "./journal.js";
import { type Handle, listen, type Listener, type ListenOptions } from "./listener.js";

/** How to serve. */
export interface ServeOptions extends Pick<ListenOptions, "port" | "host" | "onAnswered" | "onError"> {
  /** Plain HTTP, where a request without credentials is the administrator's. Default: TLS, and a token. */
  readonly http?: boolean | undefined;
  /** Where everything is kept. Default: nowhere. */
  readonly data?: Omit<JournalOptions, "onFailure"> | undefined;
}

/** A server at work. Disposing it ends watches and connections, then the controllers, and closes what is on disk. */
export interface ServedCluster extends AsyncDisposable {
  /** The version of Kubernetes that it behaves as, such as `v1.37.2`. */
  readonly version: string;
  /** Without a slash at the end. */
  readonly url: string;
  /** A kubeconfig with one context, `kindred`, for the administrator. It holds the token: keep it from others. */
  readonly kubeconfig: string;
  /** Answers a request of the administrator's without a socket. */
  readonly handle: Handle;
  /** What was read from disk; undefined without `data`. */
  readonly restored: Pick<Journal, "objects" | "tornBytes"> | undefined;
  /** Rejects if the disk takes no more; every request fails from then on. Never resolves. */
  readonly failure: Promise<never>;
}

/**
 * Serves the Kubernetes API on a socket.
 *
 * Guarantees: with `data`, a write that was answered is there when the folder is served again, however this process ends; the token and
 * the certificate authority stay the same too.
 *
 * @throws KindredError `CONNECTION` if the port cannot be had, `CONFIG` if the folder cannot be used.
 */
export async function serveCluster(options: ServeOptions = {}): Promise<ServedCluster> {
  const { data } = options;
  const access = data === undefined ? newAccess(Date.now()) : accessOf(data.folder, Date.now());
  const core = openServer(access, data);
  try {
    const listener = await listenAs(access, core.controllers.handle, options);
    const url = reachable(listener, options.host);
    const secret = options.http === true ? {} : { certificate: access.authority.certificate, token: access.token };
    return {
      version: versionInfo.gitVersion,
      url,
      kubeconfig: kubeconfigOf({ url, ...secret }),
      handle: asAdministrator(access, core.controllers.handle),
      restored: core.journal,
      failure: core.failure,
      [Symbol.asyncDispose]: async () => {
        await listener[Symbol.asyncDispose]();
        await core[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await core[Symbol.asyncDispose]();
    throw error;
  }
}

/** What answers, without a socket. */
interface Core extends AsyncDisposable {
  readonly controllers: Controllers;
  readonly journal: Journal | undefined;
  readonly failure: Promise<never>;
}

function openServer(access: Access, data: ServeOptions["data"]): Core {
  const kept: { journal?: Journal; failure?: KindredError } = {};
  let fail: (error: KindredError) => void = () => undefined;
  const failure = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  // Whoever wants to know awaits it too.
  failure.catch(() => undefined);
  const onFailure = (error: KindredError) => {
    kept.failure = error;
    fail(error);
  };
  const server = new ApiServer({
    token: access.token,
    restore: (store) => {
      if (data !== undefined) kept.journal = Journal.open(store, { ...data, onFailure });
    },
  });
  const handle: Handle = async (request) => {
    const response = await server.handle(request);
    // What memory holds is more than what is on disk: nobody may hear of it.
    if (kept.failure === undefined) return response;
    if (typeof response.body !== "string") await response.body.return();
    throw kept.failure;
  };
  const controllers = startControllers({
    handle: asAdministrator(access, handle),
    clock: { ...machineClock, date: () => new Date() },
    rootCa: access.authority.certificate,
    watch: data === undefined ? "written" : "all",
  });
  return {
    controllers,
    journal: kept.journal,
    failure,
    [Symbol.asyncDispose]: async () => {
      await controllers[Symbol.asyncDispose]();
      server.close();
      kept.journal?.[Symbol.dispose]();
    },
  };
}

function listenAs(access: Access, handle: Handle, options: ServeOptions): Promise<Listener> {
  const { port, host = "127.0.0.1", onAnswered, onError } = options;
  const common = { port, host, onAnswered, onError };
  if (options.http === true) {
    const onlyHosts = ["localhost", "127.0.0.1", "::1", host];
    return listen(asAdministrator(access, handle), { ...common, onlyHosts });
  }
  const tls = issueServerCertificate(access.authority, hostsOf(host), Date.now());
  // The controllers' own requests have no such header, and these must not be taken for them.
  const withHeader: Handle = (request) => handle({ ...request, headers: { authorization: "", ...request.headers } });
  return listen(withHeader, { ...common, tls });
}

/** Requests that say nothing of who asks are the administrator's. */
function asAdministrator({ token }: Access, handle: Handle): Handle {
  return (request) => handle({ ...request, headers: { authorization: `Bearer ${token}`, ...request.headers } });
}

const everywhere: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Under which names and addresses the server can be reached. */
function hostsOf(host: string): readonly string[] {
  const local = ["localhost", "127.0.0.1", "::1"];
  if (!everywhere.has(host)) return [...new Set([...local, host])];
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return [...new Set([...local, hostname(), ...addresses.map(({ address }) => address)])];
}

/** Nobody connects to "everywhere". */
function reachable({ url, port }: Listener, host = "127.0.0.1"): string {
  return everywhere.has(host) ? `${url.slice(0, url.indexOf(":"))}://127.0.0.1:${port}` : url;
}
