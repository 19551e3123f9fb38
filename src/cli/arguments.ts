/** Reading a command's options, and what a wrong command line looks like. */

import { parseArgs, type ParseArgsConfig } from "node:util";
import { invalidArgument } from "../core/index.js";

/** Reads the options of `kindred COMMAND`. @throws KindredError INVALID_ARGUMENT for one that the command does not have. */
export function readOptions<const C extends ParseArgsConfig>(
  command: string,
  config: C,
): ReturnType<typeof parseArgs<C>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw misuse(command, error instanceof Error ? error.message : String(error));
  }
}

/** What is wrong with a command line, and where to read on. */
export function misuse(command: string, message: string): Error {
  return invalidArgument(`kindred ${command}: ${message} (see kindred ${command} --help)`);
}
