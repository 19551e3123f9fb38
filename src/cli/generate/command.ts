/** `kindred generate`: TypeScript types and descriptors from a cluster, CRD manifests or OpenAPI. */

import { misuse, readOptions } from "../arguments.js";
import type { ExitStatus, Io } from "../io.js";
import { generate } from "./generate.js";
import { applyChanges, changesTo, formatChange } from "./output.js";
import { readSources, type Sources } from "./sources.js";

/** What `kindred generate --help` prints. */
const generateHelp = `Usage: kindred generate SOURCE... --out FOLDER [OPTION...]

Writes TypeScript types and descriptors of Kubernetes kinds: one file per group and version, such as FOLDER/apps/v1.ts,
and FOLDER/index.ts with each kind in its preferred version.

Sources (any number, generated together):
  --cluster            the API server of the current kubeconfig context: its discovery and OpenAPI
  --crd FILE           CustomResourceDefinitions in YAML or JSON, many documents or a list; - is standard input
  --openapi FILE       an OpenAPI v3 document, as /openapi/v3/apis/GROUP/VERSION serves it; - is standard input

Options:
  --out FOLDER         where the files go; generated files there that no source yields any more are removed
  --check              write nothing; exit with 1 and show a diff if the files are not as they would be generated
  --group GROUP        only this API group, and types of others that it uses; "core" is the group of Pod; may be repeated
  --no-docs            leave the descriptions out, which otherwise become doc comments
  --core MODULE        where generated code imports kindred's core from; a path is relative to FOLDER (default: kindred/core)
  --kubeconfig FILE    with --cluster: this kubeconfig
  --context NAME       with --cluster: this context of it
  -h, --help           this text

A schema that cannot be expressed is reported with its path and becomes unknown; the rest is generated, and the exit
status is 1.

Examples:
  kindred generate --cluster --group cert-manager.io --out src/kinds
  kubectl get crd -o yaml | kindred generate --crd - --out src/kinds
  kindred generate --crd crds/widgets.yaml --out src/kinds --check
`;

interface Arguments extends Sources {
  readonly help: boolean;
  readonly out: string;
  readonly check: boolean;
  readonly docs: boolean;
  readonly core: string;
}

/**
 * Runs the command.
 *
 * @throws KindredError INVALID_ARGUMENT for a wrong command line or unreadable input; whatever the cluster answers.
 */
export async function runGenerate(args: readonly string[], io: Io): Promise<ExitStatus> {
  const options = parseArguments(args);
  if (options.help) {
    io.out(generateHelp);
    return 0;
  }
  const { files, problems } = generate(await readSources(options, io), options);
  for (const problem of problems) io.err(`${problem.path}: ${problem.message}\n`);
  const changes = await changesTo(options.out, files, io);
  if (options.check) {
    for (const change of changes) io.out(formatChange(options.out, change));
    if (changes.length > 0) {
      io.err(
        `${count(changes.length, "file")} in ${options.out} not up to date; run the same command without --check\n`,
      );
    }
  } else {
    await applyChanges(options.out, changes, io);
    for (const change of changes.filter(({ type }) => type === "remove"))
      io.out(`removed ${options.out}/${change.path}\n`);
    const written = changes.filter(({ type }) => type !== "remove").length;
    io.out(`${count(files.length, "file")} in ${options.out}, ${written} written\n`);
  }
  return problems.length > 0 || (options.check && changes.length > 0) ? 1 : 0;
}

function parseArguments(args: readonly string[]): Arguments {
  const values = parse(args);
  const isEmpty = values.cluster !== true && values.crd === undefined && values.openapi === undefined;
  if (values.help !== true) {
    if (isEmpty) throw wrong("no source: give --cluster, --crd FILE or --openapi FILE");
    if (values.out === undefined || values.out === "") throw wrong("--out FOLDER is missing: where do the files go?");
    for (const name of ["kubeconfig", "context"] as const) {
      if (values[name] !== undefined && values.cluster !== true) throw wrong(`--${name} is of use with --cluster only`);
    }
    if ([...(values.crd ?? []), ...(values.openapi ?? [])].filter((file) => file === "-").length > 1) {
      throw wrong("standard input (-) can be read once only");
    }
  }
  return {
    help: values.help === true,
    out: (values.out ?? "").replace(/\/+$/, "") || "/",
    check: values.check === true,
    docs: values["no-docs"] !== true,
    core: values.core ?? "kindred/core",
    groups: values.group ?? [],
    crd: values.crd ?? [],
    openapi: values.openapi ?? [],
    ...(values.cluster === true && {
      cluster: {
        ...(values.kubeconfig !== undefined && { kubeconfig: values.kubeconfig }),
        ...(values.context !== undefined && { context: values.context }),
      },
    }),
  };
}

function parse(args: readonly string[]) {
  return readOptions("generate", {
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      cluster: { type: "boolean" },
      kubeconfig: { type: "string" },
      context: { type: "string" },
      crd: { type: "string", multiple: true },
      openapi: { type: "string", multiple: true },
      out: { type: "string" },
      check: { type: "boolean" },
      group: { type: "string", multiple: true },
      "no-docs": { type: "boolean" },
      core: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  }).values;
}

const wrong = (message: string): Error => misuse("generate", message);

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
