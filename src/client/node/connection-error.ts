/** Why a server could not be reached or a connection broke, in words that name the cure, and no secret. */

import { KindredError } from "../../core/index.js";

/** The server cannot be reached, or the connection broke. */
export class ConnectionError extends KindredError<"CONNECTION"> {
  override readonly name = "ConnectionError";
  /** Whether the server may have got the request: then only what is safe to do twice may be done again. */
  readonly sent: boolean;
  /** Whether it may well go better a moment later: a wrong name or certificate will not. */
  readonly temporary: boolean;

  constructor(
    message: string,
    options: { readonly sent: boolean; readonly temporary: boolean; readonly cause?: unknown },
  ) {
    super("CONNECTION", message, options.cause === undefined ? {} : { cause: options.cause });
    this.sent = options.sent;
    this.temporary = options.temporary;
  }
}

/** No connection came about, so nothing was sent. The transport adds the request and throws a {@link ConnectionError}. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure";
  /** undici asks an error for its code, and retries for ever on one of its own. */
  readonly code = "KINDRED_CONNECT";

  /** Whether it may well go better a moment later. */
  get temporary(): boolean {
    return temporaryCodes.has(codeOf(this.cause));
  }
}

const temporaryCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** What a failed connection was about. */
export interface Attempt {
  /** The host and port that were dialled. */
  readonly host: string;
  readonly connectTimeoutMs: number;
  /** The proxy in between, without its password. */
  readonly proxy?: string | undefined;
}

/** Explains an error of connecting or of the TLS handshake. */
export function connectFailure(cause: unknown, attempt: Attempt): ConnectFailure {
  const via = attempt.proxy === undefined ? "" : ` (through the proxy ${attempt.proxy})`;
  if (cause instanceof ConnectFailure) return new ConnectFailure(cause.message + via, { cause: cause.cause });
  const explain = connectCauses.get(codeOf(cause));
  const text = explain?.(attempt, cause) ?? tlsFailure(cause) ?? messageOf(cause);
  return new ConnectFailure(text + via, { cause });
}

/** Explains an error that came after the request was on its way. */
export function brokenConnection(cause: unknown, silenceMs: number): string {
  const code = codeOf(cause);
  if (isParserError(cause)) {
    return "the answer is not HTTP: does `server` of the kubeconfig's cluster name the API server, and is it https?";
  }
  if (/^ERR_SSL_.*ALERT/.test(code)) {
    return "the server ended the TLS connection, which it does when it refuses the client certificate: check client-certificate and client-key of the kubeconfig's user";
  }
  return brokenCauses.get(code)?.(silenceMs) ?? messageOf(cause);
}

/** Whether undici could not parse the response as HTTP; its code for that is not always set. */
export function isParserError(error: unknown): boolean {
  return error instanceof Error && error.name === "HTTPParserError";
}

/** An error's code; empty if it has none. */
export function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

type Explain = (attempt: Attempt, cause: unknown) => string;

const unknownHost: Explain = ({ host }) =>
  `the host ${host} is unknown: check \`server\` of the kubeconfig's cluster, and your DNS or VPN`;
const unreachable: Explain = ({ host }) =>
  `there is no route to ${host}: check \`server\` of the kubeconfig's cluster, and your network or VPN`;
const timeout: Explain = ({ host, connectTimeoutMs }) =>
  `no connection to ${host} within ${connectTimeoutMs / 1000} s: check \`server\` of the kubeconfig's cluster, firewalls, and whether a proxy-url is needed`;
const unknownAuthority: Explain = ({ host }) =>
  `the certificate of ${host} is signed by an authority that is not trusted: set certificate-authority or certificate-authority-data of the kubeconfig's cluster to the CA that signed it`;
const noTls: Explain = ({ host }) =>
  `${host} does not speak TLS: write http:// in \`server\` of the kubeconfig's cluster, or use the port that serves https`;

const connectCauses: ReadonlyMap<string, Explain> = new Map<string, Explain>([
  [
    "ECONNREFUSED",
    ({ host }) =>
      `${host} refused the connection: check that the API server runs, and the port in \`server\` of the kubeconfig's cluster`,
  ],
  ["ENOTFOUND", unknownHost],
  ["EAI_AGAIN", unknownHost],
  ["EHOSTUNREACH", unreachable],
  ["ENETUNREACH", unreachable],
  ["ETIMEDOUT", timeout],
  ["UND_ERR_CONNECT_TIMEOUT", timeout],
  [
    "ECONNRESET",
    ({ host }) => `${host} cut the connection before it was established: does it serve https on this port?`,
  ],
  ["ERR_TLS_CERT_ALTNAME_INVALID", wrongName],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", unknownAuthority],
  ["UNABLE_TO_GET_ISSUER_CERT", unknownAuthority],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", unknownAuthority],
  ["SELF_SIGNED_CERT_IN_CHAIN", unknownAuthority],
  ["CERT_SIGNATURE_FAILURE", unknownAuthority],
  [
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    ({ host }) =>
      `the certificate of ${host} is self-signed and not trusted: set certificate-authority of the kubeconfig's cluster to that certificate`,
  ],
  [
    "CERT_HAS_EXPIRED",
    ({ host }) => `the certificate of ${host} has expired: renew it on the server, or check this machine's clock`,
  ],
  [
    "CERT_NOT_YET_VALID",
    ({ host }) => `the certificate of ${host} is not valid yet: check the clocks of this machine and the server`,
  ],
  ["EPROTO", noTls],
  ["ERR_SSL_WRONG_VERSION_NUMBER", noTls],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", noTls],
  ["ERR_SSL_HTTP_REQUEST", noTls],
]);

function wrongName({ host }: Attempt, cause: unknown): string {
  const names = certificateNames(cause);
  const first = names[0] ?? "a name of the certificate";
  const list = names.length === 0 ? "no name" : names.join(", ");
  return `the certificate of ${host} is for ${list}: use one of these in \`server\` of the kubeconfig's cluster, or set tls-server-name: ${first}`;
}

/** The names in the `subjectaltname` of an error of Node's `tls.checkServerIdentity`. */
function certificateNames(cause: unknown): readonly string[] {
  if (typeof cause !== "object" || cause === null || !("cert" in cause)) return [];
  const { cert } = cause;
  if (typeof cert !== "object" || cert === null || !("subjectaltname" in cert)) return [];
  if (typeof cert.subjectaltname !== "string") return [];
  return cert.subjectaltname.split(", ").map((name) => name.replace(/^(DNS|IP Address):/, ""));
}

function tlsFailure(cause: unknown): string | undefined {
  const code = codeOf(cause);
  return code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || code.startsWith("ERR_OSSL_")
    ? `the TLS connection failed: ${messageOf(cause)}`
    : undefined;
}

const cut = () =>
  "the server cut the connection in the middle: it may have restarted, or a proxy in between closed it; try again";
const silent = (silenceMs: number) =>
  `nothing came for ${silenceMs / 1000} s: the server hangs or the connection is dead; try again, or raise timeouts.idleMs`;

const brokenCauses: ReadonlyMap<string, (silenceMs: number) => string> = new Map([
  ["UND_ERR_SOCKET", cut],
  ["ECONNRESET", cut],
  ["EPIPE", cut],
  ["ERR_STREAM_PREMATURE_CLOSE", cut],
  ["ERR_STREAM_DESTROYED", cut],
  ["UND_ERR_ABORTED", cut],
  ["UND_ERR_INFO", cut],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", () => "the body ends before the length that the server announced; try again"],
  ["UND_ERR_HEADERS_TIMEOUT", silent],
  ["UND_ERR_BODY_TIMEOUT", silent],
  [
    "UND_ERR_HEADERS_OVERFLOW",
    () => "the response headers exceed 16 KiB, which API servers never send: is something else answering there?",
  ],
  ["UND_ERR_DESTROYED", () => "the client was closed while the request was running"],
  ["Z_DATA_ERROR", () => "the server says that the body is gzip, and it is not"],
  ["Z_BUF_ERROR", () => "the compressed body ends in the middle; try again"],
]);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
