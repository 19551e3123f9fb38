/** `npm start`: the ConfigMapGenerator controller at work, told line by line until Ctrl-C. */

import { parseArgs } from "node:util";
import { shutdownSignal } from "kindred";
import { type Cluster, openCluster, type Whose } from "./clusters.js";
import { ConfigMapGenerator, install, run } from "./controller.js";
import { line } from "./narrate.js";
import { Story, tour } from "./story.js";

const usage = `Usage: npm start [-- OPTION...]

Runs a Kubernetes controller and tells what it does, until Ctrl-C. It needs Node and nothing else: the API server that it
works on runs in the same process. The controller looks after ConfigMapGenerators, a kind of this example's own: for each
of them it keeps a ConfigMap with the content that it asks for.

  --cluster        on your own cluster: that of $KUBECONFIG or ~/.kube/config. It gets a CustomResourceDefinition and, in the
                   namespace of the current context, a ConfigMapGenerator called greeting; how to remove them is told at the end
  --control-plane  on a real Kubernetes control plane that is started for this run; that needs Go, and minutes at the first time
  --once           end after the first three things that happen, instead of with Ctrl-C
  --help           this text
`;

interface Flags {
  readonly whose: Whose;
  readonly once: boolean;
}

async function main(): Promise<void> {
  const flags = parseFlags();
  if (flags === undefined) {
    console.log(usage);
    return;
  }
  const interrupted = shutdownSignal();
  const ended = new AbortController();
  const signal = AbortSignal.any([interrupted, ended.signal]);
  await using cluster = await openCluster(flags.whose, interrupted);
  try {
    await play(cluster, { ...flags, signal, end: () => ended.abort(new Error("the example has ended")) });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (flags.whose === "own") console.log(howToRemove(cluster));
}

interface Play extends Flags {
  readonly signal: AbortSignal;
  readonly end: () => void;
}

async function play({ client, kubectl, about }: Cluster, { once, signal, end }: Play): Promise<void> {
  const say = (text: string) => console.log(text);
  say("A Kubernetes controller at work. Each line begins with whom it is about.\n");
  say(line("server", about));
  await install(client, { signal });
  say(line("server", "serves a new kind: ConfigMapGenerator, by a CustomResourceDefinition made of one schema"));
  await using controller = run(client, { signal });
  const options = { client, namespace: client.defaultNamespace, say, signal };
  const story = new Story(options);
  const told = story.tell(controller);
  await Promise.race([tour(story, options), told]);
  if (once) end();
  else say(invitation(kubectl));
  await told;
  say(line("controller", "has stopped: every reconcile has finished"));
}

function invitation(kubectl: string): string {
  return `
Now it is your turn. In another terminal:

  ${kubectl} get configmapgenerators,configmaps
  ${kubectl} patch configmapgenerator greeting --type merge -p '{"spec":{"content":"good evening"}}'
  ${kubectl} delete configmap greeting               # it comes back
  ${kubectl} delete configmapgenerator greeting      # its ConfigMap goes too

Ctrl-C ends this.
`;
}

function howToRemove({ kubectl }: Cluster): string {
  const { plural, group } = ConfigMapGenerator;
  return line("cluster", `still has what was made here; to remove it: ${kubectl} delete crd ${plural}.${group}`);
}

/** @returns undefined if help is asked for. */
function parseFlags(): Flags | undefined {
  const { values } = parseArgs({
    options: {
      cluster: { type: "boolean", default: false },
      "control-plane": { type: "boolean", default: false },
      once: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  if (values.cluster && values["control-plane"]) throw new Error("--cluster and --control-plane: which of them?");
  return { whose: values.cluster ? "own" : values["control-plane"] ? "control-plane" : "embedded", once: values.once };
}

await main().catch((error: unknown) => {
  console.error(`${error instanceof Error ? error.message : String(error)}\n(npm start -- --help tells more)`);
  process.exitCode = 1;
});
