/**
 * Credentials from a program: the exec plugins of kubeconfigs.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */

import { isatty } from "node:tty";
import { KindredError } from "../../core/index.js";
import { checkPair, type Credential, type Now, sameCredential, tokenCredential } from "./credentials.js";
import type { KubeconfigExec } from "./kubeconfig.js";
import type { Environment } from "./proxy.js";
import { type Loaded, type Rotating, rotating } from "./rotating.js";

/** What a plugin is told about the cluster, if its user says `provideClusterInfo`; the names are those of the protocol. */
export interface ExecCluster {
  readonly server: string;
  readonly "tls-server-name"?: string | undefined;
  readonly "insecure-skip-tls-verify"?: boolean | undefined;
  readonly "certificate-authority-data"?: string | undefined;
  readonly "proxy-url"?: string | undefined;
  /** The extension `client.authentication.k8s.io/exec` of the cluster. */
  readonly config?: unknown;
}

/** Options of {@link execPlugin}. */
export interface ExecPluginOptions {
  /** What to call the user in errors. */
  readonly where: string;
  readonly cluster: () => Promise<ExecCluster>;
  readonly env: Environment;
  readonly now: Now;
}

/**
 * The credential that a plugin prints. The plugin runs at the first request, when the credential is about to expire, and after a 401;
 * once for any number of requests.
 *
 * @throws KindredError `CONFIG` for a user that cannot be served. Its values throw `AUTH` with what the plugin wrote to standard error.
 */
export function execPlugin(exec: KubeconfigExec, options: ExecPluginOptions): Rotating<Credential> {
  const plugin = validate(exec, options.where);
  const { now } = options;
  return rotating(
    async (signal) => {
      const interactive = isInteractive(plugin, options.where);
      const info = {
        apiVersion: plugin.apiVersion,
        kind: "ExecCredential",
        spec: { interactive, ...(exec.provideClusterInfo === true && { cluster: await options.cluster() }) },
      };
      const output = await run(plugin, { ...options, interactive, info: JSON.stringify(info), signal });
      return readCredential(output, { apiVersion: plugin.apiVersion, what: plugin.what, now: now() });
    },
    { now, same: sameCredential },
  );
}

interface Plugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mode: "Never" | "IfAvailable" | "Always";
  readonly hint: string;
  /** The plugin in errors; without its arguments, which may be secrets. */
  readonly what: string;
}

const v1 = "client.authentication.k8s.io/v1";
const v1beta1 = "client.authentication.k8s.io/v1beta1";

function validate(exec: KubeconfigExec, where: string): Plugin {
  const { apiVersion, command, interactiveMode } = exec;
  if (!command)
    throw new KindredError("CONFIG", `${where}: exec has no command: name the program that prints credentials`);
  if (apiVersion !== v1 && apiVersion !== v1beta1) {
    throw new KindredError(
      "CONFIG",
      `${where}: exec has apiVersion ${JSON.stringify(apiVersion ?? "")}: use ${v1} or ${v1beta1}, and a version of ${command} that knows it`,
    );
  }
  if (apiVersion === v1 && !interactiveMode) {
    throw new KindredError("CONFIG", `${where}: exec has no interactiveMode: ${v1} wants Never, IfAvailable or Always`);
  }
  return {
    apiVersion,
    command,
    args: exec.args ?? [],
    env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    mode: interactiveMode ?? "IfAvailable",
    hint: exec.installHint ? `. ${exec.installHint.trim()}` : "",
    what: `${where}: the exec plugin ${command}`,
  };
}

function isInteractive(plugin: Plugin, where: string): boolean {
  if (plugin.mode === "Never") return false;
  const terminal = isatty(0);
  if (plugin.mode === "Always" && !terminal) {
    throw new KindredError(
      "AUTH",
      `${where}: the exec plugin ${plugin.command} wants to talk to a user (interactiveMode: Always), and standard input is no terminal: run it from one`,
    );
  }
  return terminal;
}

interface Run {
  readonly env: Environment;
  readonly interactive: boolean;
  readonly info: string;
  readonly signal: AbortSignal;
}

/** Enough for any credential, and an end for a program that prints for ever. */
const outputLimit = 1 << 20;
const stderrShown = 500;

async function run(plugin: Plugin, { env, interactive, info, signal }: Run): Promise<string> {
  const { spawn } = await import("node:child_process");
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new KindredError("AUTH", `${plugin.what} ${why}${plugin.hint}`));
    const child = spawn(plugin.command, plugin.args, {
      env: { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: info },
      stdio: [interactive ? "inherit" : "ignore", "pipe", interactive ? "inherit" : "pipe"],
      windowsHide: true,
    });
    const kill = () => void child.kill();
    signal.addEventListener("abort", kill, { once: true });
    let output = "";
    let errors = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > outputLimit) kill();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-stderrShown);
    });
    // The error of spawn lists the arguments: it is not kept.
    child.once("error", (error) => {
      signal.removeEventListener("abort", kill);
      const missing = "code" in error && error.code === "ENOENT";
      fail(
        missing
          ? "is not installed, or not in PATH"
          : `cannot be started (${"code" in error ? String(error.code) : "?"})`,
      );
    });
    child.once("close", (status, killedBy) => {
      signal.removeEventListener("abort", kill);
      if (signal.aborted) return reject(signal.reason);
      if (output.length > outputLimit)
        return fail(`printed more than ${outputLimit} characters: it must print an ExecCredential`);
      if (status === 0) return resolve(output);
      const said = errors.trim() === "" ? "" : `: ${errors.trim()}`;
      fail(`failed with ${status === null ? killedBy : `exit code ${status}`}${said}`);
    });
  });
}

async function readCredential(
  output: string,
  { apiVersion, what, now }: { readonly apiVersion: string; readonly what: string; readonly now: number },
): Promise<Loaded<Credential>> {
  const bad = (why: string) =>
    new KindredError("AUTH", `${what} printed ${why}: it must print an ExecCredential of ${apiVersion}`);
  const answer = fields(await parse(output));
  if (answer === undefined) throw bad("neither JSON nor YAML of an object");
  if (answer["kind"] !== "ExecCredential") throw bad("an object of another kind");
  if (answer["apiVersion"] !== apiVersion) throw bad(`the apiVersion ${JSON.stringify(answer["apiVersion"] ?? "")}`);
  const status = fields(answer["status"]);
  if (status === undefined) throw bad("no status");
  const text = (name: string) => {
    const value = status[name] ?? "";
    if (typeof value !== "string") throw bad(`a status.${name} that is no string`);
    return value;
  };
  const [token, cert, key] = [text("token"), text("clientCertificateData"), text("clientKeyData")];
  if (token === "" && cert === "" && key === "") throw bad("neither a token nor a client certificate");
  if ((cert === "") !== (key === "")) throw bad("half a client certificate");
  const value: Credential = Object.freeze({
    ...(token !== "" && tokenCredential(token, `${what}: the token that it printed`)),
    ...(cert !== "" && { certificate: checkPair({ cert, key }, `${what}: the client certificate that it printed`) }),
  });
  const expiry = text("expirationTimestamp");
  if (expiry === "") return { value, freshUntil: Number.POSITIVE_INFINITY, validUntil: Number.POSITIVE_INFINITY };
  const validUntil = Date.parse(expiry);
  if (Number.isNaN(validUntil)) throw bad("a status.expirationTimestamp that is no time");
  const margin = Math.min(marginMs, Math.max(0, validUntil - now) / 5);
  return { value, validUntil, freshUntil: Math.max(validUntil - margin, now + leastMs) };
}

/** So long before its end a credential is replaced; sooner only if it lives shorter than five times this. */
const marginMs = 60_000;
/** A plugin that prints what has expired already is not run for every request. */
const leastMs = 1000;

/** JSON or YAML: JSON is YAML too. */
async function parse(output: string): Promise<unknown> {
  const { parse: parseYaml } = await import("yaml");
  try {
    return parseYaml(output, { prettyErrors: false, logLevel: "error" });
  } catch {
    return undefined;
  }
}

function fields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
