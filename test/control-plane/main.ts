/** `npm run control-plane`: a Kubernetes control plane to try things on, until Ctrl-C. */

import { parseArgs } from "node:util";
import { controlPlaneBinary } from "./binary.js";
import { startControlPlane } from "./control-plane.js";
import { ControlPlaneError } from "./error.js";

const usage = `Usage: npm run control-plane -- [FLAG...]

Starts a real Kubernetes control plane on 127.0.0.1 and runs it until Ctrl-C: etcd, API server,
controllers, scheduler, and nodes whose containers are fake. The first start builds it with Go,
which takes 6 to 8 minutes.

  --nodes N          how many hollow nodes to start (default: 1)
  --streaming        also start the node streaming-node, whose containers are processes
                     of this machine: their commands are run, their images ignored
  --kubeconfig FILE  where to write the kubeconfig (default: in a temporary directory)
  --build-only       build the binary, start nothing
  --help             show this text
`;

interface Flags {
  readonly nodes: number;
  readonly streaming: boolean;
  readonly kubeconfig: string | undefined;
  readonly buildOnly: boolean;
  readonly help: boolean;
}

async function main(): Promise<number> {
  let flags: Flags;
  try {
    flags = parseFlags(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`control-plane: ${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  if (flags.help) {
    process.stdout.write(usage);
    return 0;
  }
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      // The second one ends this process at once; on its exit the components are killed and their files removed.
      if (interrupted.signal.aborted) process.exit(130);
      interrupted.abort();
    });
  }
  try {
    await run(flags, interrupted.signal);
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted && !(error instanceof ControlPlaneError)) return 0;
    process.stderr.write(`control-plane: ${messageOf(error)}\n`);
    return 1;
  }
}

async function run(flags: Flags, signal: AbortSignal): Promise<void> {
  if (flags.buildOnly) {
    const { path } = await controlPlaneBinary({ signal });
    process.stdout.write(`${path}\n`);
    return;
  }
  await using controlPlane = await startControlPlane({
    scheduler: true,
    nodes: flags.nodes,
    streaming: flags.streaming,
    kubeconfig: flags.kubeconfig,
    signal,
  });
  process.stdout.write(
    `Kubernetes ${controlPlane.version} is ready at ${controlPlane.server}, with ${flags.nodes} hollow node${flags.nodes === 1 ? "" : "s"}.\n` +
      `Kubeconfig: ${controlPlane.kubeconfig}\n` +
      `Try: kubectl --kubeconfig ${controlPlane.kubeconfig} get nodes\n` +
      "Ctrl-C stops it.\n",
  );
  const isInterrupted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  // After a failure, stopping rejects with it.
  await Promise.race([isInterrupted, controlPlane.failure]);
}

function parseFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      nodes: { type: "string", default: "1" },
      streaming: { type: "boolean", default: false },
      kubeconfig: { type: "string" },
      "build-only": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (!/^\d{1,3}$/.test(values.nodes))
    throw new ControlPlaneError(`--nodes takes a number from 0 to 999, not "${values.nodes}"`);
  return {
    nodes: Number(values.nodes),
    streaming: values.streaming,
    kubeconfig: values.kubeconfig,
    buildOnly: values["build-only"],
    help: values.help,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

process.exitCode = await main();
