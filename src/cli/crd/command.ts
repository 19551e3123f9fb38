/** `kindred crd`: the CustomResourceDefinitions of the kinds that a module exports. */

import { stringify } from "yaml";
import type { JsonObject } from "../generate/json.js";
import { misuse, readOptions } from "../arguments.js";
import type { ExitStatus, Io } from "../io.js";
import { type Before, readBefore } from "./before.js";
import type { CrdChange } from "./change.js";
import { compareCrds } from "./compare.js";
import { nameOf, readModule } from "./exports.js";

/** What `kindred crd --help` prints. */
const crdHelp = `Usage: kindred crd MODULE [OPTION...]

Prints the CustomResourceDefinitions of the custom kinds that MODULE exports, as YAML: what customResource and mergeVersions
return, and arrays and objects of them. MODULE is a JavaScript file, or a TypeScript file with Node 22.18 or newer. It is run.

Options:
  --out FILE           write them to FILE, if its name ends in .yaml or .yml; otherwise to one file each in this folder
  --check FILE         write nothing; compare with FILE, a folder of files, or - for standard input
  --check --cluster    compare with the cluster of the current kubeconfig context
  --breaking           with --check: exit with 1 only for changes that break what is stored or what clients use
  --kubeconfig FILE    with --cluster: this kubeconfig
  --context NAME       with --cluster: this context of it
  -h, --help           this text

A check prints one line per change, "breaking" before those that can make a stored object refused, pruned or unreachable: a
version that is removed, a type that is narrower, a new required field without a default. (An update that leaves an invalid value
alone is tolerated by the API server, which does not make it less invalid.) It exits with 1 if there are any changes.

Examples:
  kindred crd dist/kinds.js | kubectl apply --server-side -f -
  kindred crd dist/kinds.js --out crds
  kindred crd dist/kinds.js --check crds
  kindred crd dist/kinds.js --check --cluster --context production --breaking
`;

interface Arguments {
  readonly module: string;
  readonly out?: string;
  readonly check?: Before;
  readonly onlyBreaking: boolean;
}

/**
 * Runs the command.
 *
 * @throws KindredError INVALID_ARGUMENT for a wrong command line, a module without kinds or an unreadable file; whatever the cluster
 * answers.
 */
export async function runCrd(args: readonly string[], io: Io): Promise<ExitStatus> {
  const options = parseArguments(args);
  if (options === undefined) {
    io.out(crdHelp);
    return 0;
  }
  const crds = await readModule(options.module, io);
  if (options.check !== undefined) return check(crds, { ...options, check: options.check }, io);
  if (options.out === undefined) io.out(crds.map(toYaml).join("---\n"));
  else await write(options.out, crds, io);
  return 0;
}

async function check(
  crds: readonly JsonObject[],
  { check: from, onlyBreaking }: { readonly check: Before; readonly onlyBreaking: boolean },
  io: Io,
): Promise<ExitStatus> {
  const { name: place, crds: before } = await readBefore(from, crds.map(nameOf), io);
  const found = new Map(before.map((crd) => [nameOf(crd), crd]));
  const changes = crds.flatMap((crd) => {
    const old = found.get(nameOf(crd));
    return old === undefined ? [added(crd)] : compareCrds(old, crd).map((change) => ({ ...change, crd: nameOf(crd) }));
  });
  const exported = new Set(crds.map(nameOf));
  // A cluster, or a dump of one, has kinds of others.
  const removed = from.type === "files" && from.path !== "-" ? before.filter((crd) => !exported.has(nameOf(crd))) : [];
  const all = [...changes, ...removed.map(gone)];
  const shown = onlyBreaking ? all.filter(({ breaking }) => breaking) : all;
  for (const change of shown) io.out(`${formatChange(change)}\n`);
  if (shown.length === 0) return 0;
  const breaking = all.filter((change) => change.breaking).length;
  const plural = shown.length === 1 ? "change" : "changes";
  io.err(`${shown.length} ${plural} from ${place}, ${breaking === 0 ? "none" : breaking} of them breaking\n`);
  return 1;
}

interface NamedChange extends CrdChange {
  readonly crd: string;
}

function added(crd: JsonObject): NamedChange {
  return { crd: nameOf(crd), path: "", change: "added", breaking: false, message: "a new kind" };
}

function gone(crd: JsonObject): NamedChange {
  const message = "the kind is exported no more: deleting its definition deletes all its objects";
  return { crd: nameOf(crd), path: "", change: "removed", breaking: true, message };
}

function formatChange({ breaking, crd, path, message }: NamedChange): string {
  return `${breaking ? "breaking" : "safe    "} ${crd}${path === "" ? "" : ` ${path}`}: ${message}`;
}

async function write(out: string, crds: readonly JsonObject[], io: Io): Promise<void> {
  const files = isYaml(out)
    ? [{ path: out, text: crds.map(toYaml).join("---\n") }]
    : crds.map((crd) => ({ path: `${out}/${nameOf(crd)}.yaml`, text: toYaml(crd) }));
  for (const { path, text } of files) {
    io.signal?.throwIfAborted();
    await io.writeFile(path, text);
  }
  io.out(`${crds.length} ${crds.length === 1 ? "definition" : "definitions"} in ${out}\n`);
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path);
}

/** In YAML 1.1, as kubectl reads it: there `on`, `yes` and `0o7` are no texts without quotes. YAML 1.2 reads the same in it. */
function toYaml(crd: JsonObject): string {
  return stringify(crd, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}

/** @returns undefined if help is asked for. */
function parseArguments(args: readonly string[]): Arguments | undefined {
  const { values, tokens } = parse(args);
  if (values.help === true) return undefined;
  const named = tokens.filter((token) => token.kind === "positional");
  const checkAt = tokens.find((token) => token.kind === "option" && token.name === "check")?.index;
  const isCluster = values.cluster === true;
  const file = isCluster ? undefined : named.find(({ index }) => checkAt !== undefined && index === checkAt + 1);
  const [module, stray] = named.filter((token) => token !== file);
  if (module === undefined) throw wrong("no module: name the file that exports the kinds");
  if (stray !== undefined) throw wrong(`one module at a time: what is ${JSON.stringify(stray.value)} for?`);
  for (const name of ["cluster", "breaking"] as const) {
    if (values[name] === true && values.check !== true) throw wrong(`--${name} is of use with --check only`);
  }
  for (const name of ["kubeconfig", "context"] as const) {
    if (values[name] !== undefined && !isCluster) throw wrong(`--${name} is of use with --cluster only`);
  }
  if (values.check === true && values.out !== undefined) throw wrong("--check writes nothing: leave --out away");
  if (values.check === true && !isCluster && file === undefined) {
    throw wrong("--check needs something to compare with: --check FILE or --check --cluster");
  }
  const { kubeconfig, context } = values;
  const cluster = { ...(kubeconfig !== undefined && { kubeconfig }), ...(context !== undefined && { context }) };
  const before: Before | undefined =
    file !== undefined ? { type: "files", path: file.value } : isCluster ? { type: "cluster", cluster } : undefined;
  return {
    module: module.value,
    onlyBreaking: values.breaking === true,
    ...(values.out !== undefined && { out: values.out.replace(/(?<=.)\/+$/, "") }),
    ...(before !== undefined && { check: before }),
  };
}

function parse(args: readonly string[]) {
  return readOptions("crd", {
    args: [...args],
    strict: true,
    allowPositionals: true,
    tokens: true,
    options: {
      out: { type: "string" },
      check: { type: "boolean" },
      breaking: { type: "boolean" },
      cluster: { type: "boolean" },
      kubeconfig: { type: "string" },
      context: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
}

const wrong = (message: string): Error => misuse("crd", message);
