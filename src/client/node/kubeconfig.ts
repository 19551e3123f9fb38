/** The kubeconfig: its types, in kubectl's own words, and from text to value and back. */

import { KindredError } from "../../core/index.js";

/** A kubeconfig. Fields that kindred does not know are kept. */
export interface Kubeconfig extends Unknown {
  readonly apiVersion?: string | null;
  readonly kind?: string | null;
  readonly "current-context"?: string | null;
  readonly clusters?: readonly NamedCluster[] | null;
  readonly users?: readonly NamedUser[] | null;
  readonly contexts?: readonly NamedContext[] | null;
}

/** Fields that kindred does not know. */
interface Unknown {
  readonly [field: string]: unknown;
}

export interface NamedCluster extends Unknown {
  readonly name: string;
  readonly cluster?: KubeconfigCluster | null;
}

export interface NamedUser extends Unknown {
  readonly name: string;
  readonly user?: KubeconfigUser | null;
}

export interface NamedContext extends Unknown {
  readonly name: string;
  readonly context?: KubeconfigContext | null;
}

/** Where an API server is, and how to trust it. */
export interface KubeconfigCluster extends Unknown {
  readonly server?: string | null;
  readonly "certificate-authority"?: string | null;
  readonly "certificate-authority-data"?: string | null;
  readonly "insecure-skip-tls-verify"?: boolean | null;
  readonly "tls-server-name"?: string | null;
  readonly "proxy-url"?: string | null;
  readonly extensions?: readonly KubeconfigExtension[] | null;
}

/** Data of other programs; exec plugins get the one named `client.authentication.k8s.io/exec`. */
export interface KubeconfigExtension extends Unknown {
  readonly name: string;
  readonly extension?: unknown;
}

/** Who the client is. */
export interface KubeconfigUser extends Unknown {
  readonly token?: string | null;
  readonly tokenFile?: string | null;
  readonly username?: string | null;
  readonly password?: string | null;
  readonly "client-certificate"?: string | null;
  readonly "client-certificate-data"?: string | null;
  readonly "client-key"?: string | null;
  readonly "client-key-data"?: string | null;
  readonly exec?: KubeconfigExec | null;
  readonly "auth-provider"?: ({ readonly name?: string | null } & Unknown) | null;
  readonly as?: string | null;
  readonly "as-uid"?: string | null;
  readonly "as-groups"?: readonly string[] | null;
  readonly "as-user-extra"?: Readonly<Record<string, readonly string[]>> | null;
}

/** A program that prints credentials. */
export interface KubeconfigExec extends Unknown {
  readonly apiVersion?: string | null;
  readonly command?: string | null;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly interactiveMode?: "Never" | "IfAvailable" | "Always" | null;
  readonly provideClusterInfo?: boolean | null;
  readonly installHint?: string | null;
}

/** A user at a cluster. */
export interface KubeconfigContext extends Unknown {
  readonly cluster?: string | null;
  readonly user?: string | null;
  readonly namespace?: string | null;
}

/**
 * Reads a kubeconfig; several YAML documents are merged as several files are.
 *
 * @param source what to call the text in errors: its path.
 * @throws KindredError `CONFIG` that names the line or the field, and no value.
 */
export async function parseKubeconfig(text: string, source = "the kubeconfig"): Promise<Kubeconfig> {
  // Loaded when needed: it is half of what importing kindred would cost.
  const { LineCounter, parseAllDocuments } = await import("yaml");
  const lines = new LineCounter();
  const documents = parseAllDocuments(text.replace(/^\uFEFF/, ""), { lineCounter: lines, prettyErrors: false });
  const parsed: Kubeconfig[] = [];
  for (const document of "empty" in documents ? [] : documents) {
    const [error] = document.errors;
    if (error !== undefined) {
      // The library's messages quote the text, which may be a secret.
      const { line, col } = lines.linePos(error.pos[0]);
      throw bad(source, `line ${line}, column ${col} is not YAML (${error.code})`, "correct the line");
    }
    const value: unknown = toPlain(() => document.toJS({ maxAliasCount: 100 }), source);
    if (value === null) continue;
    if (!isFields(value)) throw bad(source, "a document is no mapping", "does the file hold a kubeconfig?");
    assertKubeconfig(value, source);
    parsed.push(value);
  }
  return mergeKubeconfigs(parsed);
}

/** Writes a kubeconfig as YAML, unknown fields included. It holds the credentials in clear: write it with mode 0600. */
export async function formatKubeconfig(kubeconfig: Kubeconfig): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify({ apiVersion: "v1", kind: "Config", ...kubeconfig });
}

/** One of several: of entries with the same name, and of other fields, the first wins. */
export function mergeKubeconfigs(kubeconfigs: readonly Kubeconfig[]): Kubeconfig {
  const fields: Kubeconfig = Object.assign({}, ...kubeconfigs.toReversed().map(withoutNulls));
  return {
    ...fields,
    ...section("clusters", firstByName(kubeconfigs.flatMap((one) => one.clusters ?? []))),
    ...section("users", firstByName(kubeconfigs.flatMap((one) => one.users ?? []))),
    ...section("contexts", firstByName(kubeconfigs.flatMap((one) => one.contexts ?? []))),
  };
}

function section(name: "clusters" | "users" | "contexts", entries: readonly { readonly name: string }[]) {
  return entries.length === 0 ? {} : { [name]: entries };
}

function withoutNulls(kubeconfig: Kubeconfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(kubeconfig).filter(([, value]) => value !== null && value !== ""));
}

function firstByName<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  const byName = new Map<string, T>();
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return [...byName.values()];
}

function toPlain(convert: () => unknown, source: string): unknown {
  try {
    return convert();
  } catch {
    throw bad(source, "its YAML aliases expand without end", "write the values out");
  }
}

/**
 * Checks the fields that kindred reads.
 *
 * @throws KindredError `CONFIG` that names the field, and no value.
 */
export function assertKubeconfig(value: unknown, source: string): asserts value is Kubeconfig {
  const fail = (where: string, want: string) => bad(source, `${where} must be ${want}`, "correct it");
  const check = checker(fail);
  const config = check.object(value, "the whole");
  check.strings(config, "", ["apiVersion", "kind", "current-context"]);
  if ((config["kind"] ?? "Config") !== "Config") throw fail("kind", "Config");
  if ((config["apiVersion"] ?? "v1") !== "v1") throw fail("apiVersion", "v1");
  for (const [named, where] of check.named(config, "clusters")) {
    const cluster = check.object(named["cluster"] ?? {}, `${where}.cluster`);
    check.strings(cluster, `${where}.cluster.`, clusterStrings);
    check.boolean(cluster["insecure-skip-tls-verify"], `${where}.cluster.insecure-skip-tls-verify`);
    for (const _ of check.named(cluster, "extensions", `${where}.cluster.`));
  }
  for (const [named, where] of check.named(config, "contexts")) {
    const context = check.object(named["context"] ?? {}, `${where}.context`);
    check.strings(context, `${where}.context.`, ["cluster", "user", "namespace"]);
  }
  for (const [named, where] of check.named(config, "users")) {
    const user = check.object(named["user"] ?? {}, `${where}.user`);
    check.strings(user, `${where}.user.`, userStrings);
    check.stringList(user["as-groups"], `${where}.user.as-groups`);
    const extra = check.object(user["as-user-extra"] ?? {}, `${where}.user.as-user-extra`);
    for (const [key, list] of Object.entries(extra)) check.stringList(list, `${where}.user.as-user-extra.${key}`);
    const provider = check.object(user["auth-provider"] ?? {}, `${where}.user.auth-provider`);
    check.strings(provider, `${where}.user.auth-provider.`, ["name"]);
    if (user["exec"] !== undefined && user["exec"] !== null) checkExec(check, user["exec"], `${where}.user.exec`);
  }
}

function checkExec(check: Checker, value: unknown, where: string): void {
  const exec = check.object(value, where);
  check.strings(exec, `${where}.`, ["apiVersion", "command", "interactiveMode", "installHint"]);
  check.stringList(exec["args"], `${where}.args`);
  check.boolean(exec["provideClusterInfo"], `${where}.provideClusterInfo`);
  const mode = exec["interactiveMode"] ?? "Never";
  if (mode !== "Never" && mode !== "IfAvailable" && mode !== "Always") {
    throw check.fail(`${where}.interactiveMode`, "Never, IfAvailable or Always");
  }
  for (const [variable, at] of check.named(exec, "env", `${where}.`)) {
    if (typeof variable["value"] !== "string") throw check.fail(`${at}.value`, "a string (quote it)");
  }
}

const clusterStrings = [
  "server",
  "certificate-authority",
  "certificate-authority-data",
  "tls-server-name",
  "proxy-url",
] as const;

const userStrings = [
  "token",
  "tokenFile",
  "username",
  "password",
  "client-certificate",
  "client-certificate-data",
  "client-key",
  "client-key-data",
  "as",
  "as-uid",
] as const;

type Checker = ReturnType<typeof checker>;
type Fields = Readonly<Record<string, unknown>>;

/** Each check passes `null` and absence, as Go does, and fails without the value, which may be a secret. */
function checker(fail: (where: string, want: string) => Error) {
  const object = (value: unknown, where: string): Fields => {
    if (isFields(value)) return value;
    throw fail(where, "a mapping");
  };
  const strings = (fields: Fields, prefix: string, names: readonly string[]): void => {
    for (const name of names) {
      const value = fields[name] ?? "";
      if (typeof value !== "string") throw fail(`${prefix}${name}`, "a string (quote it)");
    }
  };
  const stringList = (value: unknown, where: string): void => {
    const list = value ?? [];
    if (!Array.isArray(list) || list.some((one) => typeof one !== "string")) throw fail(where, "a list of strings");
  };
  const boolean = (value: unknown, where: string): void => {
    if (typeof (value ?? false) !== "boolean") throw fail(where, "true or false");
  };
  const named = (fields: Fields, name: string, prefix = ""): readonly (readonly [Fields, string])[] => {
    const list: unknown = fields[name] ?? [];
    if (!Array.isArray(list)) throw fail(`${prefix}${name}`, "a list");
    return list.map((value: unknown, index) => {
      const where = `${prefix}${name}[${index}]`;
      const entry = object(value, where);
      if (typeof entry["name"] !== "string" || entry["name"] === "") throw fail(`${where}.name`, "a name");
      return [entry, where] as const;
    });
  };
  return { fail, object, strings, stringList, boolean, named };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bad(source: string, what: string, cure: string): KindredError<"CONFIG"> {
  return new KindredError("CONFIG", `${source}: ${what}: ${cure}`);
}
