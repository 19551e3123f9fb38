/** A certificate authority for one server: Node verifies certificates but issues none. */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { isIP } from "node:net";
import {
  bits,
  boolean,
  type Der,
  inContext,
  integer,
  octets,
  oid,
  primitiveInContext,
  sequence,
  set,
  text,
  time,
} from "./der.js";

/** A certificate and its private key, as PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** What goes into a certificate, besides its key. */
interface Contents {
  readonly commonName: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  /** The key whose holder signs. */
  readonly issuerKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  readonly days: number;
  readonly extensions: readonly Der[];
}

const dayMs = 86_400_000;

/** For clocks that are a little behind. */
const marginMs = 3_600_000;

const authorityName = "kindred";

// RFC 5280 and RFC 5480.
const ids = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKey: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKey: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

/** Makes an authority that holds for ten years. */
export function createAuthority(now: number): KeyedCertificate {
  const { privateKey, publicKey } = newKey();
  const certificate = issue(now, {
    commonName: authorityName,
    issuer: authorityName,
    publicKey,
    issuerKey: privateKey,
    issuerPublicKey: publicKey,
    days: 3650,
    extensions: [
      extension(ids.basicConstraints, sequence(boolean(true)), { critical: true }),
      // keyCertSign and cRLSign: bits 5 and 6.
      extension(ids.keyUsage, bits(Uint8Array.of(0b0000_0110), 1), { critical: true }),
    ],
  });
  return { certificate, key: pemOf(privateKey) };
}

/** Issues a certificate to a server that is reached by these names and addresses; it holds for a year. */
export function issueServerCertificate(
  authority: KeyedCertificate,
  hosts: readonly string[],
  now: number,
): KeyedCertificate {
  const { privateKey, publicKey } = newKey();
  const issuerKey = createPrivateKey(authority.key);
  const certificate = issue(now, {
    commonName: hosts[0] ?? "kindred",
    issuer: authorityName,
    publicKey,
    issuerKey,
    issuerPublicKey: createPublicKey(issuerKey),
    days: 365,
    extensions: [
      extension(ids.basicConstraints, sequence(), { critical: true }),
      // digitalSignature: bit 0.
      extension(ids.keyUsage, bits(Uint8Array.of(0b1000_0000), 7), { critical: true }),
      extension(ids.extendedKeyUsage, sequence(oid(ids.serverAuth))),
      extension(ids.subjectAltName, sequence(...hosts.map(generalName))),
    ],
  });
  return { certificate, key: pemOf(privateKey) };
}

function issue(now: number, contents: Contents): string {
  const algorithm = sequence(oid(ids.ecdsaWithSha256));
  const body = sequence(
    inContext(0, integer(Uint8Array.of(2))),
    integer(Uint8Array.of(1, ...randomBytes(15))),
    algorithm,
    nameOf(contents.issuer),
    sequence(time(now - marginMs), time(now + contents.days * dayMs)),
    nameOf(contents.commonName),
    spki(contents.publicKey),
    inContext(
      3,
      sequence(
        ...contents.extensions,
        extension(ids.subjectKey, octets(keyId(contents.publicKey))),
        extension(ids.authorityKey, sequence(primitiveInContext(0, keyId(contents.issuerPublicKey)))),
      ),
    ),
  );
  const signature = sign("sha256", body, contents.issuerKey);
  const der = Buffer.from(sequence(body, algorithm, bits(signature)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function newKey(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pemOf(key: KeyObject): string {
  return String(key.export({ type: "pkcs8", format: "pem" }));
}

function spki(key: KeyObject): Der {
  return key.export({ type: "spki", format: "der" });
}

/** Any text that is the key's own will do (RFC 7093). */
function keyId(key: KeyObject): Uint8Array {
  return createHash("sha256").update(spki(key)).digest().subarray(0, 20);
}

function nameOf(commonName: string): Der {
  return sequence(set(sequence(oid(ids.commonName), text(commonName))));
}

function extension(id: string, value: Der, { critical = false }: { readonly critical?: boolean } = {}): Der {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function generalName(host: string): Der {
  return isIP(host) === 0 ? primitiveInContext(2, Buffer.from(host, "latin1")) : primitiveInContext(7, addressOf(host));
}

function addressOf(host: string): Uint8Array {
  if (isIP(host) === 4) return Uint8Array.from(host.split(".").map(Number));
  const [head = "", tail = ""] = host.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const first = groups(head);
  const last = host.includes("::") ? groups(tail) : [];
  const middle = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return Uint8Array.from([...first, ...middle, ...last].flatMap((group) => [group >> 8, group & 0xff]));
}
