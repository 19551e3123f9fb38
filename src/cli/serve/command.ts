/** `kindred serve`: a Kubernetes API server in this process, for kubectl and every other client. */

import type { Answered, ServedCluster } from "../../testing/node/index.js";
import { misuse, readOptions } from "../arguments.js";
import type { ExitStatus, Io } from "../io.js";
import { writeKubeconfig } from "./kubeconfig-file.js";
import { applyManifests, readManifests } from "./manifests.js";
import { formatRequest } from "./request-line.js";

/** What `kindred serve --help` prints. */
const serveHelp = `Usage: kindred serve [MANIFEST...] [OPTION...]

Serves the Kubernetes API from this process until Ctrl-C, on 127.0.0.1 and over TLS, and prints a kubeconfig for it. It behaves
as Kubernetes 1.37 does, with custom kinds, server-side apply, watches and garbage collection; it has no nodes, so pods stay
pending. MANIFESTs are YAML or JSON files, folders of them, or - for standard input; they are applied before anybody connects.

Options:
  --port N             listen on this port (default: a free one)
  --host ADDRESS       listen on this address (default: 127.0.0.1)
  --kubeconfig FILE    write the kubeconfig to FILE instead of printing it; of files that exist, only its own are replaced
  --data DIR           keep everything in DIR, and go on from what is there; without it, all is gone at the end
  --fsync              with --data: wait for the disk with every write, so that not even a power failure loses one
  --log requests       tell every request on standard error
  --http               plain HTTP, where everybody on this machine is the administrator: kubectl sends no token over it
  -h, --help           this text

Examples:
  kindred serve --kubeconfig dev.kubeconfig --log requests
  kindred serve crds/ samples/ --kubeconfig dev.kubeconfig
  kindred serve --port 6443 --data cluster --kubeconfig dev.kubeconfig
`;

interface Arguments {
  readonly manifests: readonly string[];
  readonly port: number;
  readonly host: string;
  readonly isHttp: boolean;
  readonly fsync: boolean;
  readonly logsRequests: boolean;
  readonly kubeconfig?: string;
  readonly data?: string;
}

/**
 * Runs the command until it is interrupted.
 *
 * @throws KindredError INVALID_ARGUMENT for a wrong command line or a manifest that cannot be applied; CONNECTION if the port cannot
 * be had; CONFIG if the data cannot be read or, at any time, written.
 */
export async function runServe(args: readonly string[], io: Io): Promise<ExitStatus> {
  const options = parseArguments(args);
  if (options === undefined) {
    io.out(serveHelp);
    return 0;
  }
  const { port, host, isHttp, fsync, data } = options;
  const interrupted = io.interrupted();
  const manifests = await readManifests(options.manifests, io);
  const tell = (answered: Answered) => io.err(`${formatRequest(answered, new Date())}\n`);
  await using cluster = await io.serve({
    port,
    host,
    http: isHttp,
    onError: (error) => io.err(`kindred serve: a request failed by a fault of this server: ${describe(error)}\n`),
    ...(data === undefined ? {} : { data: { folder: data, outlives: fsync ? "machine" : "process" } }),
    ...(options.logsRequests ? { onAnswered: tell } : {}),
  });
  io.err(`kindred serve: Kubernetes ${cluster.version} at ${cluster.url}\n`);
  if (cluster.restored !== undefined) io.err(`restored ${describeRestored(cluster.restored)} from ${data}\n`);
  for (const line of await applyManifests(manifests, cluster.handle)) io.err(`applied ${line}\n`);
  await giveKubeconfig(cluster, options, io);
  io.err("Ctrl-C ends it.\n");
  await Promise.race([aborted(interrupted), cluster.failure]);
  io.err("kindred serve: stopped\n");
  return 0;
}

async function giveKubeconfig(cluster: ServedCluster, { kubeconfig }: Arguments, io: Io): Promise<void> {
  if (kubeconfig === undefined) {
    io.out(cluster.kubeconfig);
    return;
  }
  await writeKubeconfig(kubeconfig, cluster.kubeconfig, io);
  io.err(`try: kubectl --kubeconfig ${kubeconfig} get namespaces\n`);
}

function describeRestored({ objects, tornBytes }: NonNullable<ServedCluster["restored"]>): string {
  const count = `${objects} ${objects === 1 ? "object" : "objects"}`;
  return tornBytes === 0 ? count : `${count} (and dropped ${tornBytes} bytes of a write that was never finished)`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** @returns undefined if help is asked for. */
function parseArguments(args: readonly string[]): Arguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const { port = "0", host = "127.0.0.1", kubeconfig, data, log } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw wrong(`--port takes a number from 0 to 65535, not ${JSON.stringify(port)}`);
  }
  if (log !== undefined && log !== "requests") throw wrong(`--log takes requests, not ${JSON.stringify(log)}`);
  if (values.fsync === true && data === undefined) throw wrong("--fsync is of use with --data only");
  if (values.http === true && !isLoopback(host)) {
    throw wrong(`--http lets everybody in who can reach ${host}: leave it away, or listen on 127.0.0.1`);
  }
  if (positionals.filter((path) => path === "-").length > 1) throw wrong("standard input can be read only once");
  return {
    manifests: positionals,
    port: Number(port),
    host,
    isHttp: values.http === true,
    fsync: values.fsync === true,
    logsRequests: log === "requests",
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(data !== undefined && { data }),
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function parse(args: readonly string[]) {
  return readOptions("serve", {
    args: [...args],
    strict: true,
    allowPositionals: true,
    options: {
      port: { type: "string" },
      host: { type: "string" },
      kubeconfig: { type: "string" },
      data: { type: "string" },
      fsync: { type: "boolean" },
      log: { type: "string" },
      http: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}

const wrong = (message: string): Error => misuse("serve", message);
