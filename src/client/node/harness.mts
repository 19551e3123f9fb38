/** What the tests of this folder stand on: a CA of their own, servers on 127.0.0.1, and a folder that goes away. Not published. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttps, type ServerOptions } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { defineKind, type NamespacedObject } from "../../core/index.js";

export interface Note extends NamespacedObject<"example.dev/v1", "Note"> {
  spec?: { text: string };
}

export const Note = defineKind<Note>()({
  group: "example.dev",
  version: "v1",
  kind: "Note",
  plural: "notes",
  scope: "Namespaced",
});

/** A note as a server sends it. */
export function note(name: string): string {
  return JSON.stringify({
    apiVersion: "example.dev/v1",
    kind: "Note",
    metadata: { name, namespace: "default", uid: "1", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
  });
}

/** A folder for a test file. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "kindred-"));

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority made by the openssl command. */
export class Authority {
  readonly cert: string;
  readonly #key: string;
  readonly #folder: Folder;
  readonly #name: string;

  constructor(folder: Folder, name: string) {
    const made = selfSigned(folder, name, "basicConstraints=critical,CA:TRUE");
    this.cert = made.cert;
    this.#key = made.key;
    this.#folder = folder;
    this.#name = name;
  }

  /** @param names such as `IP:127.0.0.1` and `DNS:example.test`. */
  issue(commonName: string, options: { readonly names?: string; readonly expired?: boolean } = {}): Issued {
    const file = (suffix: string) => join(this.#folder.path, `${this.#name}-${commonName}.${suffix}`);
    const extensions = file("ext");
    writeFileSync(extensions, options.names === undefined ? "" : `subjectAltName=${options.names}\n`);
    const key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
    writeFileSync(file("key"), key);
    openssl("req", "-new", "-key", file("key"), "-subj", `/CN=${commonName}`, "-out", file("csr"));
    writeFileSync(file("ca"), this.cert);
    writeFileSync(file("cakey"), this.#key);
    const signer = ["-CA", file("ca"), "-CAkey", file("cakey"), "-CAcreateserial"];
    const days = options.expired === true ? "-1" : "2";
    const cert = openssl("x509", "-req", "-in", file("csr"), ...signer, "-extfile", extensions, "-days", days);
    return { cert, key };
  }
}

/** A certificate that signs itself. */
export function selfSigned(folder: Folder, name: string, extension: string): Issued {
  const key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
  const path = folder.write(`${name}.selfkey`, key);
  const cert = openssl(
    "req",
    "-x509",
    "-new",
    "-key",
    path,
    "-subj",
    `/CN=${name}`,
    "-days",
    "2",
    "-addext",
    extension,
  );
  return { cert, key };
}

function openssl(...args: readonly string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** A server that counts its connections, and ends them when it goes. */
export interface Running extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** How many connections were ever made. */
  readonly connections: () => number;
  /** The connections that are open now. */
  readonly sockets: ReadonlySet<Socket>;
}

export async function serve(server: Server, scheme = "tcp"): Promise<Running> {
  let count = 0;
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    count += 1;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    connections: () => count,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export async function serveHttp(listener: RequestListener): Promise<Running> {
  return serve(createHttp(listener), "http");
}

export async function serveHttps(options: ServerOptions, listener: RequestListener): Promise<Running> {
  const server = createHttps(options, listener);
  server.on("tlsClientError", () => {});
  return serve(server, "https");
}

/** The name in the certificate of the client that sent a request. */
export function clientName(request: IncomingMessage): string {
  const { socket } = request;
  return socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject?.CN) : "no TLS";
}

/** What a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new TypeError(`what was thrown is no Error: ${String(error)}`, { cause: error });
  }
  throw new TypeError("the call succeeded, but should have failed");
}

/** A kubeconfig with one cluster and one user. */
export function kubeconfig(cluster: object, user: object = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
  });
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
