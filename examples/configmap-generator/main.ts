/** `npm start`: the ConfigMapGenerator controller at work on a cluster, told line by line until Ctrl-C. */

import { parseArgs } from "node:util";
import { Client, isConflict, shutdownSignal } from "kindred";
import { ConfigMapGenerator, install, run } from "./controller.js";
import { narrate } from "./narrate.js";

const usage = `Usage: npm start -- [--cluster]

Runs the ConfigMapGenerator controller and tells what it does, until Ctrl-C.

  --cluster  on your own cluster: that of $KUBECONFIG or ~/.kube/config. It gets a CustomResourceDefinition and one object.
             Without it, on a real Kubernetes control plane that is started for this run, which needs Go.
  --help     this text
`;

/** A cluster to work on, and how kubectl gets there. */
interface Cluster extends AsyncDisposable {
  readonly client: Client;
  readonly kubectl: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { cluster: { type: "boolean" }, help: { type: "boolean" } } });
  if (values.help === true) return console.log(usage);
  const signal = shutdownSignal();
  await using cluster = values.cluster === true ? await ownCluster() : await startedCluster(signal);
  const { client, kubectl } = cluster;
  console.log(`connected  to ${client.server}`);
  await install(client, { signal });
  console.log("installed  the CustomResourceDefinition of ConfigMapGenerator, and it is served");
  const greetings = client.api(ConfigMapGenerator).namespace(client.defaultNamespace);
  await greetings.apply({ metadata: { name: "greeting" }, spec: { content: "hello" } }, { manager: "you" }).catch(keep);
  console.log(`created    ConfigMapGenerator greeting, for the controller to make a ConfigMap of

Join in from another terminal:
  ${kubectl} get cmg,configmap
  ${kubectl} patch cmg greeting --type merge -p '{"spec":{"content":"good morning"}}'
  ${kubectl} delete configmap greeting       (it comes back)
  ${kubectl} delete cmg greeting             (its ConfigMap goes too)
Ctrl-C ends this.
`);
  await using controller = run(client, { signal });
  for await (const outcome of controller) console.log(narrate(outcome));
  console.log("stopped    every reconcile has finished");
}

/** Somebody has made the greeting their own: leave it as it is. */
function keep(error: unknown): void {
  if (!isConflict(error)) throw error;
}

async function ownCluster(): Promise<Cluster> {
  const client = await Client.infer();
  return { client, kubectl: "kubectl", [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}

async function startedCluster(signal: AbortSignal): Promise<Cluster> {
  console.log("starting   a real Kubernetes control plane, built with Go (the first build takes six to eight minutes)");
  const { startControlPlane } = await import("../../test/control-plane/control-plane.js");
  const controlPlane = await startControlPlane({ signal });
  const client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  return {
    client,
    kubectl: `kubectl --kubeconfig ${controlPlane.kubeconfig}`,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await controlPlane.stop();
    },
  };
}

await main().catch((error: unknown) => {
  console.error(`${error instanceof Error ? error.message : String(error)}\n(npm start -- --help tells more)`);
  process.exitCode = 1;
});
