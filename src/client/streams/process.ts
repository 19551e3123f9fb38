/** Processes in containers: run one more, or attach to the one that is there. */

import { ApiError, invalidArgument, isStatus, KindredError, parseJson, type Status } from "../../core/index.js";
import type { ApiRequest } from "../../core/requests/index.js";
import type { Exchange } from "../exchange.js";
import type { CallOptions } from "../transport.js";
import { ByteQueue } from "./byte-queue.js";
import { receive, sendEnd, sendOn, type Sink, TextSink, v4, v5 } from "./channels.js";
import type { AttachOptions } from "./requests.js";
import { type MessageSocket, openWebSocket } from "./websocket.js";

/** The size of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * Connected streams of a process in a container.
 *
 * Guarantees: bounded memory, since what is not read is not fetched. Leaving the `await using` block, or an abort, closes the connection.
 *
 * Caveats: all streams share one connection, so that a stream which is not read holds up the others, and the end: read both or
 * `cancel()` one, or leave it out by `stderr: false`. Closing the connection does not end a process without a terminal.
 */
export interface Attachment<I extends boolean = boolean, T extends boolean = boolean> extends AsyncDisposable {
  /**
   * What the process reads. A write resolves when there is room for more. Closing it ends the process's input; where the server speaks
   * only `v4.channel.k8s.io`, closing rejects with KindredError `PROTOCOL`, since that has no word for it. Aborting it ends the
   * connection, so that half an input is not taken for a whole. When the process has ended, it takes no more.
   */
  readonly stdin: I extends true ? WritableStream<Uint8Array | string> : undefined;
  /** Ends with the process; empty if it was not asked for. Once all is read, reading throws what `ended` rejects with. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** As stdout. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Tells the terminal its size. */
  readonly resize: T extends true ? (size: TerminalSize) => Promise<void> : undefined;
  /**
   * Resolves when the process has ended and all its output was read.
   *
   * @throws ApiError with the kubelet's Status if it could not run, KindredError `CONNECTION` if the connection broke before, or the
   * signal's reason.
   */
  readonly ended: Promise<void>;
}

/** A command that runs in a container. */
export interface Execution<I extends boolean = boolean, T extends boolean = boolean> extends Attachment<I, T> {
  /** How the command ended, whatever its exit code. Rejects as `ended`. */
  readonly result: Promise<ExecResult>;
  /** Reads everything: how the command ended, and what it said as UTF-8. For short outputs. */
  output(): Promise<ExecOutput>;
}

/** How a command ended. */
export interface ExecResult {
  readonly exitCode: number;
}

/** How a command ended, and what it said. */
export interface ExecOutput extends ExecResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a command, or attaches to a process: the request says which. */
export async function openProcess(
  exchange: Exchange,
  request: ApiRequest,
  options: AttachOptions & CallOptions & { readonly what: string },
): Promise<Execution> {
  const { what, signal } = options;
  const [stdout, stderr, status] = [new ByteQueue(), new ByteQueue(), new TextSink()];
  const onEnd = () => {
    stdout.release();
    stderr.release();
  };
  const socket = await openWebSocket(exchange, request, { what, signal, protocols: [v5, v4], onEnd });
  const sinks = new Map<number, Sink>([
    [stdoutChannel, stdout],
    [stderrChannel, stderr],
    [statusChannel, status],
  ]);
  const result = receive(socket, sinks).then(
    () => resultOf(status.text, { what, request }),
    (error: unknown) => {
      // What comes after the Status does not matter, and be it that nothing comes.
      if (status.text === "" || signal?.aborted === true) throw error;
      return resultOf(status.text, { what, request });
    },
  );
  const stdin = options.stdin === true ? stdinOver(socket, what) : undefined;
  const finish = (failure?: unknown) => {
    stdout.end(failure);
    stderr.end(failure);
    stdin?.refuse(failure ?? new KindredError("CONNECTION", `${what}: the process has ended, and takes no more input`));
  };
  // Whoever waits for the result or uses a stream is told; a rejection that nobody waits for must not end the program.
  result.then(() => finish(), finish);
  const ended = result.then(() => {});
  ended.catch(() => {});
  return Object.freeze({
    stdin: stdin?.stream,
    stdout: stdout.stream,
    stderr: stderr.stream,
    resize: options.tty === true ? (size: TerminalSize) => resize(socket, size) : undefined,
    result,
    ended,
    output: async () => {
      const [out, err, how] = await Promise.all([textOf(stdout.stream), textOf(stderr.stream), result]);
      return { ...how, stdout: out, stderr: err };
    },
    [Symbol.asyncDispose]: () => socket.close(),
  });
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/ and k8s.io/streaming/pkg/httpstream/wsstream */
const stdinChannel = 0;
const stdoutChannel = 1;
const stderrChannel = 2;
const statusChannel = 3;
const resizeChannel = 4;

/** A process's input, and how to refuse what is still written to it. */
function stdinOver(socket: MessageSocket, what: string) {
  const encoder = new TextEncoder();
  let refuse = (_reason: unknown) => {};
  const stream = new WritableStream<Uint8Array | string>({
    start: (controller) => {
      refuse = (reason) => controller.error(reason);
    },
    write: (chunk) => sendOn(socket, stdinChannel, typeof chunk === "string" ? encoder.encode(chunk) : chunk),
    close: () => sendEnd(socket, stdinChannel, what),
    abort: (reason: unknown) =>
      socket.fail(new KindredError("CONNECTION", `${what}: its input was aborted`, { cause: reason })),
  });
  return { stream, refuse };
}

async function resize(socket: MessageSocket, { columns, rows }: TerminalSize): Promise<void> {
  for (const [name, value] of Object.entries({ columns, rows })) {
    if (!Number.isInteger(value) || value < 1 || value > 65_535) {
      throw invalidArgument(`a terminal's ${name} must be a whole number from 1 to 65535, but is ${value}`);
    }
  }
  const size = JSON.stringify({ Width: columns, Height: rows });
  await sendOn(socket, resizeChannel, new TextEncoder().encode(size));
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** What the Status at the end says: how a command ended, or why there was none. */
function resultOf(
  text: string,
  { what, request }: { readonly what: string; readonly request: ApiRequest },
): ExecResult {
  if (text === "") {
    throw new KindredError("CONNECTION", `${what}: the connection was closed before the process had ended`);
  }
  const status = statusFrom(text, what);
  if (status.status === "Success") return { exitCode: 0 };
  const code = status.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  if (status.reason === "NonZeroExitCode" && code !== undefined && /^\d+$/.test(code))
    return { exitCode: Number(code) };
  throw new ApiError(status, { method: request.method, path: request.path });
}

function statusFrom(text: string, what: string): Status {
  try {
    const value = parseJson(text);
    // The kubelet leaves out what every Status has.
    const status = typeof value === "object" && value !== null ? { kind: "Status", metadata: {}, ...value } : value;
    if (isStatus(status)) return status;
  } catch {
    // Told below.
  }
  throw new KindredError(
    "PROTOCOL",
    `${what}: the process ended with something that is no Status: ${text.slice(0, 200)}`,
  );
}
