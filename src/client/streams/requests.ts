/** The requests that become connections: exec, attach, port-forward. */

import { invalidArgument } from "../../core/index.js";
import { type ApiRequest, objectPath, type QueryPair, type Target } from "../../core/requests/index.js";

/** Which streams of a container to connect. */
export interface AttachOptions<I extends boolean = boolean, T extends boolean = boolean> {
  /** Default: the pod's only container. */
  readonly container?: string | undefined;
  /** Default false. */
  readonly stdin?: I | undefined;
  /** Default true. */
  readonly stdout?: boolean | undefined;
  /** Default true, or false with a terminal: that has one output. */
  readonly stderr?: boolean | undefined;
  /** A terminal. Default false. */
  readonly tty?: T | undefined;
}

/** What to run, and which of its streams to connect. */
export interface ExecOptions<I extends boolean = boolean, T extends boolean = boolean> extends AttachOptions<I, T> {
  /** Program and arguments; no shell is involved. */
  readonly command: readonly string[];
}

/** Connects to the process of a container. @throws KindredError `INVALID_ARGUMENT` for no stream at all, or a terminal with stderr. */
export function attachRequest(target: Target, name: string, options: AttachOptions = {}): ApiRequest {
  return upgrade(target, name, { subresource: "attach", query: streamPairs(target, name, options) });
}

/** Runs a command in a container. @throws KindredError `INVALID_ARGUMENT`, as attachRequest, and for no command. */
export function execRequest(target: Target, name: string, options: ExecOptions): ApiRequest {
  const { command } = options;
  if (command.length === 0 || command[0] === "") {
    throw invalidArgument(
      `exec in ${target.kind.plural} ${JSON.stringify(name)}: the command is empty: name a program`,
    );
  }
  const words = command.map((word): QueryPair => ["command", word]);
  return upgrade(target, name, { subresource: "exec", query: [...streamPairs(target, name, options), ...words] });
}

/** Opens a connection to a port of a pod. @throws KindredError `INVALID_ARGUMENT` for what is no port. */
export function portForwardRequest(target: Target, name: string, port: number): ApiRequest {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalidArgument(
      `port-forward to ${target.kind.plural} ${JSON.stringify(name)}: ${port} is no port: give a whole number from 1 to 65535`,
    );
  }
  return upgrade(target, name, { subresource: "portforward", query: [["ports", String(port)]] });
}

function streamPairs(target: Target, name: string, options: AttachOptions): readonly QueryPair[] {
  const { stdin = false, stdout = true, tty = false, container } = options;
  const stderr = options.stderr ?? !tty;
  const what = `the streams of ${target.kind.plural} ${JSON.stringify(name)}`;
  if (!stdin && !stdout && !stderr) throw invalidArgument(`${what}: choose at least one of stdin, stdout and stderr`);
  if (tty && stderr) throw invalidArgument(`${what}: a terminal has one output: leave stderr out, or tty`);
  const flags = { stdin, stdout, stderr, tty };
  return [
    ...Object.entries(flags).flatMap(([flag, on]): QueryPair[] => (on ? [[flag, "true"]] : [])),
    ...(container === undefined ? [] : [["container", container] satisfies QueryPair]),
  ];
}

function upgrade(
  target: Target,
  name: string,
  { subresource, query }: { readonly subresource: string; readonly query: readonly QueryPair[] },
): ApiRequest {
  return Object.freeze({
    method: "GET",
    path: objectPath({ ...target, subresource }, name),
    query: Object.freeze(query),
    headers: Object.freeze({}),
  });
}
