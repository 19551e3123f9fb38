/** The command line: which command, and what its failure looks like. */

import { version } from "../client/node/index.js";
import { KindredError } from "../core/index.js";
import { runCrd } from "./crd/command.js";
import { runGenerate } from "./generate/command.js";
import type { ExitStatus, Io } from "./io.js";
import { runServe } from "./serve/command.js";

const help = `Usage: kindred COMMAND [OPTION...]

Commands:
  crd         CustomResourceDefinitions of the kinds that a module exports, and how they differ from what is stored
  generate    TypeScript types and descriptors from a cluster, CRD manifests or OpenAPI
  serve       a Kubernetes API server in this process, for kubectl and every other client

kindred COMMAND --help tells more; kindred --version is which this is.
`;

/** Runs a command line, without `node` and the script; a failure is one message on standard error. */
export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  const [command, ...rest] = args;
  try {
    switch (command) {
      case "crd":
        return await runCrd(rest, io);
      case "generate":
        return await runGenerate(rest, io);
      case "serve":
        return await runServe(rest, io);
      case "help":
      case "--help":
      case "-h":
        io.out(help);
        return 0;
      case "--version":
        io.out(`${version}\n`);
        return 0;
      case undefined:
        io.err(help);
        return 2;
      default:
        io.err(
          `kindred: no command ${JSON.stringify(command)}; the commands are: crd, generate, serve (see kindred --help)\n`,
        );
        return 2;
    }
  } catch (error) {
    if (!(error instanceof KindredError)) throw error;
    io.err(`${error.message}\n`);
    return error.code === "INVALID_ARGUMENT" ? 2 : 1;
  }
}
