/** A small kubectl: what it asks for, on which kinds, is found out from the API server; what it prints is what kubectl prints. */

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import {
  ApiError,
  apiVersionOf,
  applyManifests,
  Client,
  type DiscoveredKind,
  type DynamicObject,
  formatJson,
  forwardPort,
  isDeleted,
  type Manifest,
  parseManifests,
  type PartialObjectMetadata,
  preferredKinds,
  resourceNameOf,
  shutdownSignal,
  type Table,
  type TableColumn,
  waitFor,
  withoutManagedFields,
} from "kindred";
import { Pod } from "kindred/resources";
import { goJson, goYaml, tablePrinter } from "./go-text.js";

const usage = `Usage: kubectl COMMAND [-n NAMESPACE] [--kubeconfig FILE] [--context NAME]

  get TYPE[,TYPE...] [NAME...] [-A] [-l SELECTOR] [-o wide|name|json|yaml] [-w]
  watch TYPE [-A] [-l SELECTOR]        get, and then every change
  apply -f FILE [--force-conflicts] [--dry-run]
  edit TYPE NAME                       in $EDITOR
  delete TYPE NAME... | TYPE -l SELECTOR | -f FILE
  logs POD [-f] [-c CONTAINER]
  exec [-i] [-t] POD [-c CONTAINER] -- COMMAND [ARG...]
  port-forward POD [LOCAL:]PORT...
  api-resources [-o wide|name]

TYPE may be short (deploy), with a group (deployments.apps), or with a version too (deployments.v1.apps); TYPE/NAME works as well.`;

const shared = {
  kubeconfig: { type: "string" },
  context: { type: "string" },
  namespace: { type: "string", short: "n" },
  "all-namespaces": { type: "boolean", short: "A" },
  selector: { type: "string", short: "l" },
  output: { type: "string", short: "o" },
  watch: { type: "boolean", short: "w" },
  filename: { type: "string", multiple: true },
  follow: { type: "boolean" },
  container: { type: "string", short: "c" },
  stdin: { type: "boolean", short: "i" },
  tty: { type: "boolean", short: "t" },
  "force-conflicts": { type: "boolean" },
  "dry-run": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** `-f` means a file, and to the logs that they be followed. */
const forFiles = { ...shared, filename: { ...shared.filename, short: "f" } } as const;
const forLogs = { ...shared, follow: { ...shared.follow, short: "f" } } as const;

type Flags = Partial<ReturnType<typeof parseArgs<{ options: typeof shared }>>["values"]>;

/** One run of a command. */
interface Run {
  readonly client: Client;
  readonly words: readonly string[];
  readonly flags: Flags;
  readonly signal: AbortSignal;
}

const commands: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  get,
  watch: (run) => get({ ...run, flags: { ...run.flags, watch: true } }),
  apply,
  edit,
  delete: remove,
  logs,
  exec,
  "port-forward": portForward,
  "api-resources": apiResources,
};

async function get(run: Run): Promise<void> {
  const targets = await targetsOf(run);
  const { output } = run.flags;
  if (output !== "json" && output !== "yaml") return printTables(run, targets);
  const objects = (await Promise.all(targets.map((target) => read(run, target)))).flat().map(withoutManagedFields);
  const alone = targets.length === 1 && targets[0]?.names.length === 1;
  const list = { apiVersion: "v1", items: objects, kind: "List", metadata: { resourceVersion: "" } };
  if (alone && objects.length === 0) return;
  const value = alone ? objects[0] : list;
  process.stdout.write(output === "json" ? goJson(value) : goYaml(value));
}

async function apply({ client, flags, signal }: Run): Promise<void> {
  const { "force-conflicts": force, "dry-run": dryRun, namespace } = flags;
  const options = { manager: "kubectl", force, dryRun, namespace, signal };
  for await (const result of applyManifests(client, await manifestsOf(flags), options)) {
    if (result.outcome === "failed") fail(result.error);
    else console.log(`${nameOf(result, result.name)} serverside-applied${dryRun === true ? " (server dry run)" : ""}`);
  }
}

async function edit(run: Run): Promise<void> {
  const [target] = await targetsOf(run);
  if (target?.names.length !== 1) throw new Error("edit takes one TYPE and one NAME");
  const [object] = await read(run, target);
  if (object === undefined) return;
  const folder = await mkdtemp(join(tmpdir(), "kubectl-edit-"));
  try {
    const file = join(folder, "object.yaml");
    const before = goYaml(withoutManagedFields(object));
    await writeFile(file, before, { mode: 0o600 });
    const editor = spawn(`${process.env["EDITOR"] ?? "vi"} ${file}`, { shell: true, stdio: "inherit" });
    await new Promise((resolve, reject) => editor.once("error", reject).once("close", resolve));
    const after = await readFile(file, "utf8");
    if (after === before) return console.error("Edit cancelled, no changes made.");
    const [edited] = await parseManifests(after, { source: file });
    // With the resourceVersion that was read: what somebody else has changed meanwhile is a conflict.
    const metadata = { ...object.metadata, ...edited?.metadata, name: object.metadata.name };
    await apiOf(run, target.kind).replace({ ...edited, metadata }, { manager: "kubectl-edit" });
    console.log(`${nameOf(object, object.metadata.name)} edited`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function remove(run: Run): Promise<void> {
  const targets = await (run.flags.filename === undefined ? targetsOf(run) : targetsOfFiles(run));
  const gone: Promise<unknown>[] = [];
  for (const target of targets) {
    const api = apiOf(run, target.kind, target.namespace);
    const objects = await read(run, target);
    if (objects.length === 0 && target.names.length === 0) console.log("No resources found");
    for (const {
      metadata: { name, uid },
    } of objects) {
      await api.delete(name, { propagationPolicy: "Background", preconditions: { uid }, signal: run.signal });
      console.log(`${[target.kind.singular, target.kind.group].filter(Boolean).join(".")} "${name}" deleted`);
      gone.push(waitFor(api, name, { until: isDeleted(uid), signal: run.signal }));
    }
  }
  await Promise.all(gone);
}

async function logs(run: Run): Promise<void> {
  const [pods, pod] = podOf(run);
  const { follow, container } = run.flags;
  for await (const line of pods.logLines(pod, { follow, container, signal: run.signal })) console.log(line);
}

async function exec(run: Run): Promise<void> {
  const [pods, pod, ...command] = podOf(run);
  const { container, stdin = false, tty = false } = run.flags;
  await using execution = await pods.exec(pod, { command, container, stdin, tty, signal: run.signal });
  const terminal = tty && process.stdin.isTTY;
  const fit = async () => {
    const { columns, rows } = process.stdout;
    if (columns > 0 && rows > 0) await execution.resize?.({ columns, rows }).catch(() => undefined);
  };
  if (terminal) {
    process.stdin.setRawMode(true);
    process.stdout.on("resize", () => void fit());
    await fit();
  }
  // Ends with the command.
  if (execution.stdin !== undefined)
    Readable.toWeb(process.stdin)
      .pipeTo(execution.stdin)
      .catch(() => undefined);
  await Promise.all([
    execution.stdout.pipeTo(Writable.toWeb(process.stdout), { preventClose: true }),
    execution.stderr.pipeTo(Writable.toWeb(process.stderr), { preventClose: true }),
  ]);
  if (terminal) process.stdin.setRawMode(false);
  process.stdin.destroy();
  const { exitCode } = await execution.result;
  if (exitCode !== 0) console.error(`command terminated with exit code ${exitCode}`);
  process.exitCode = exitCode;
}

async function portForward(run: Run): Promise<void> {
  const [pods, pod, ...ports] = podOf(run);
  const { signal } = run;
  for (const pair of ports) {
    const [port = 0, localPort = port] = pair.split(":").map(Number).toReversed();
    // Ends with the signal.
    const forward = await forwardPort(pods, pod, { port, localPort, onError: fail, signal });
    console.log(`Forwarding from 127.0.0.1:${forward.port} -> ${port}`);
  }
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

/** The pod that a command is about, `web` or `pod/web`, and what follows it. */
function podOf({ client, words: [first, ...rest] }: Run) {
  if (first === undefined) throw new Error("name a pod");
  return [client.api(Pod).namespace(client.defaultNamespace), first.replace(/^pods?\//, ""), ...rest] as const;
}

async function apiResources({ client, flags: { output } }: Run): Promise<void> {
  const { kinds, unavailable } = await client.discovery.apis();
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const listed = preferredKinds(kinds)
    .filter(({ verbs }) => verbs.length > 0)
    .toSorted((a, b) => compare(a.group, b.group) || compare(a.plural, b.plural));
  const wide = output === "wide";
  const head = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", ...(wide ? ["VERBS", "CATEGORIES"] : [])];
  const rows = listed.map((kind) => {
    const { plural, shortNames, scope, verbs, categories } = kind;
    const row = [plural, shortNames.join(","), apiVersionOf(kind), `${scope === "Namespaced"}`, kind.kind];
    return wide ? [...row, verbs.join(","), categories.join(",")] : row;
  });
  if (output === "name") for (const kind of listed) console.log(resourceNameOf(kind));
  else tablePrinter()([head, ...rows]);
  for (const api of unavailable) fail(new Error(`unable to retrieve ${apiVersionOf(api)}: ${api.message}`));
}

// What a command is about.

/** A kind, and the names of objects; none means all that are selected. */
interface Target {
  readonly kind: DiscoveredKind;
  readonly names: readonly string[];
  readonly namespace?: string | undefined;
}

/** `po,svc`, `po a b` or `po/a svc/b`. */
async function targetsOf({ client, words, flags, signal }: Run): Promise<readonly Target[]> {
  const [first, ...names] = words;
  if (first === undefined) throw new Error("name a type; api-resources lists them");
  if (names.length > 0 && flags.selector !== undefined) {
    throw new Error("name cannot be provided when a selector is specified");
  }
  if (!first.includes("/")) {
    return (await client.discovery.resolveAll(first, { signal })).map((kind) => ({ kind, names }));
  }
  const pairs = words.map((word) => word.split("/"));
  return Promise.all(
    pairs.map(async ([type = "", ...name]) => ({
      kind: await client.discovery.resolve(type, { signal }),
      names: name,
    })),
  );
}

async function targetsOfFiles({ client, flags, signal }: Run): Promise<readonly Target[]> {
  return Promise.all(
    (await manifestsOf(flags)).map(async (manifest) => {
      const { name = "", namespace } = manifest.metadata ?? {};
      return { kind: await client.discovery.kindOf(manifest, { signal }), names: [name], namespace };
    }),
  );
}

async function manifestsOf({ filename }: Flags): Promise<readonly Manifest[]> {
  if (filename === undefined) throw new Error("must specify -f FILE");
  const texts = filename.map((file) => (file === "-" ? text(process.stdin) : readFile(file, "utf8")));
  const read = texts.map(async (text, index) => parseManifests(await text, { source: filename[index] ?? "" }));
  return (await Promise.all(read)).flat();
}

function apiOf({ client, flags }: Run, kind: DiscoveredKind, namespace = client.defaultNamespace) {
  const all = client.api(kind);
  return kind.scope === "Cluster" || flags["all-namespaces"] === true ? all : all.namespace(namespace);
}

/** What of a target there is; what is not there is told. */
async function read(run: Run, { kind, names, namespace }: Target): Promise<readonly DynamicObject[]> {
  const { signal, flags } = run;
  const api = apiOf(run, kind, namespace);
  if (names.length === 0) return api.list({ labels: flags.selector, signal }).toArray();
  return settled(names.map((name) => api.get(name, { signal })));
}

/** The answers; a failure is told, and stops nothing. */
async function settled<T>(promises: readonly Promise<T>[]): Promise<readonly Awaited<T>[]> {
  const answers: Awaited<T>[] = [];
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === "fulfilled") answers.push(result.value);
    else fail(result.reason);
  }
  return answers;
}

// How it is shown.

/** Objects as the server itself would print them. */
async function printTables(run: Run, targets: readonly Target[]): Promise<void> {
  const several = new Set(targets.map(({ kind }) => resourceNameOf(kind))).size > 1;
  if (several && run.flags.watch === true) throw new Error("you may only specify a single resource type");
  let shown = 0;
  for (const target of targets) {
    const print = rowPrinter(run, target, several);
    const tables = await tablesOf(run, target);
    const rows = tables.flatMap((table) => table.rows);
    if (rows.length > 0 && shown > 0 && run.flags.output !== "name") console.log();
    if (rows.length > 0) print(tables);
    shown += rows.length;
    if (run.flags.watch === true) await watchTables(run, target, { print, since: tables[0]?.metadata.resourceVersion });
  }
  if (shown > 0 || run.flags.watch === true || targets.some(({ names }) => names.length > 0)) return;
  const one = targets.some(({ kind }) => kind.scope === "Namespaced") && run.flags["all-namespaces"] !== true;
  console.error(`No resources found${one ? ` in ${run.client.defaultNamespace} namespace.` : ""}`);
}

/** Rows in the server's own columns, and the metadata of their objects. */
type Rows = Table<PartialObjectMetadata>;

async function tablesOf(run: Run, { kind, names }: Target): Promise<readonly Rows[]> {
  const { flags, signal } = run;
  const tables = apiOf(run, kind).table();
  if (names.length === 0) return [await tables.list({ labels: flags.selector, signal })];
  return settled(names.map((name) => tables.get(name, { signal })));
}

interface Watch {
  readonly print: (tables: readonly Rows[]) => void;
  readonly since: string | undefined;
}

async function watchTables(run: Run, { kind, names: [name] }: Target, { print, since }: Watch): Promise<void> {
  const fields = name === undefined ? undefined : { "metadata.name": name };
  const options = { labels: run.flags.selector, fields, resourceVersion: since, signal: run.signal };
  for await (const event of apiOf(run, kind).table().watch(options)) {
    if (event.type === "ERROR") throw new ApiError(event.object, { method: "GET", path: kind.plural });
    if (event.type !== "BOOKMARK") print([event.object]);
  }
}

/** Prints tables of one kind: the columns that are wanted, under their names the first time. */
function rowPrinter({ flags }: Run, { kind }: Target, several: boolean): (tables: readonly Rows[]) => void {
  const print = tablePrinter();
  const places = flags["all-namespaces"] === true && kind.scope === "Namespaced";
  let columns: readonly TableColumn[] | undefined;
  return (tables) => {
    const rows = tables.flatMap((table) => table.rows);
    if (flags.output === "name") {
      for (const { object } of rows) console.log(nameOf(kind, object.metadata.name));
      return;
    }
    const first = columns === undefined;
    columns ??= tables[0]?.columnDefinitions ?? [];
    const wanted = [...columns.entries()].filter(([, { priority }]) => flags.output === "wide" || priority === 0);
    const head = [...(places ? ["namespace"] : []), ...wanted.map(([, { name }]) => name)];
    const body = rows.map(({ cells, object: { metadata } }) => [
      ...(places ? [metadata.namespace ?? ""] : []),
      ...wanted.map(([index]) => (several && index === 0 ? nameOf(kind, metadata.name) : cellOf(cells[index]))),
    ]);
    print([...(first ? [head.map((name) => name.toUpperCase())] : []), ...body]);
  };
}

function cellOf(value: unknown): string {
  const text = typeof value === "string" ? value : value === null || value === undefined ? "" : formatJson(value);
  const [line = "", ...more] = text.split(/[\f\n\r]/);
  return more.length > 0 ? `${line}...` : line;
}

/** As kubectl names an object: `deployment.apps/web`. */
function nameOf({ kind, ...of }: { kind: string; group?: string; apiVersion?: string }, name: string): string {
  const group = of.group ?? of.apiVersion?.replace(/^[^/]*$|\/.*$/, "") ?? "";
  return `${[kind.toLowerCase(), group].filter(Boolean).join(".")}/${name}`;
}

/** Tells an error as kubectl does; the exit code will be 1. */
function fail(error: unknown): void {
  process.exitCode = 1;
  if (error instanceof ApiError) {
    const reason = error.reason === "" ? "" : ` (${error.reason})`;
    console.error(`Error from server${reason}: ${error.status.message ?? error.message}`);
  } else console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
}

async function main([command = "", ...args]: readonly string[]): Promise<void> {
  if (["", "help", "-h", "--help"].includes(command)) return console.log(usage);
  const run = commands[command];
  if (run === undefined) {
    throw new Error(`no command ${JSON.stringify(command)}; the commands are: ${Object.keys(commands).join(", ")}`);
  }
  const options = command === "logs" ? forLogs : forFiles;
  const { values: flags, positionals: words } = parseArgs({ args, options, allowPositionals: true });
  if (flags.help === true) return console.log(usage);
  const { kubeconfig: path, context, namespace } = flags;
  const from = { context, namespace };
  await using client = await (path === undefined ? Client.infer(from) : Client.fromKubeconfig({ ...from, path }));
  const signal = shutdownSignal();
  await run({ client, words, flags, signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

await main(process.argv.slice(2)).catch(fail);
