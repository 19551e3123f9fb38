/** Certificates that OpenSSL, through Node, takes for what they say. */

import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type TLSSocket } from "node:tls";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createAuthority, issueServerCertificate } from "./certificates.js";

const now = Date.UTC(2026, 6, 1);
const authority = createAuthority(now);
const issued = issueServerCertificate(authority, ["localhost", "127.0.0.1", "::1", "fd00::1:2"], now);
const ca = new X509Certificate(authority.certificate);
const server = new X509Certificate(issued.certificate);

test("an authority vouches for itself and for the certificates that it issues, and no other authority does", () => {
  expect(ca.ca).toBe(true);
  expect(ca.checkIssued(ca)).toBe(true);
  expect(ca.verify(ca.publicKey)).toBe(true);
  expect(server.ca).toBe(false);
  expect(server.checkIssued(ca)).toBe(true);
  expect(server.verify(ca.publicKey)).toBe(true);
  expect(server.verify(new X509Certificate(createAuthority(now).certificate).publicKey)).toBe(false);
});

test("a server's certificate names its hosts and addresses, and nothing else", () => {
  expect(server.subjectAltName).toBe(
    "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FD00:0:0:0:0:0:1:2",
  );
  expect(server.checkHost("localhost")).toBe("localhost");
  expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(server.checkHost("example.dev")).toBeUndefined();
  expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
});

test("a certificate holds from an hour ago for as long as it is said to", () => {
  expect(new Date(server.validFrom).getTime()).toBe(now - 3_600_000);
  expect(new Date(server.validTo).getTime()).toBe(Date.UTC(2027, 6, 1));
  expect(new Date(ca.validTo).getTime()).toBe(now + 3650 * 86_400_000);
});

test("a certificate that outlives 2049 says so in four digits", () => {
  const late = new X509Certificate(createAuthority(Date.UTC(2045, 0, 1)).certificate);
  expect(new Date(late.validTo).getUTCFullYear()).toBe(2054);
});

test("serial numbers differ, so that a client that holds an old certificate takes a new one", () => {
  const again = new X509Certificate(issueServerCertificate(authority, ["localhost"], now).certificate);
  expect(again.serialNumber).not.toBe(server.serialNumber);
  expect(BigInt(`0x${again.serialNumber}`)).toBeGreaterThan(0n);
});

test("a client that trusts the authority alone completes a handshake", async () => {
  const live = createAuthority(Date.now());
  const { certificate, key } = issueServerCertificate(live, ["127.0.0.1"], Date.now());
  const listener = createServer({ cert: certificate, key }, (socket: TLSSocket) => socket.end("hello"));
  await once(listener.listen(0, "127.0.0.1"), "listening");
  try {
    const { port } = listener.address() as AddressInfo;
    const socket = connect({ host: "127.0.0.1", port, ca: live.certificate });
    const [data] = await once(socket, "data");
    expect(socket.authorized).toBe(true);
    expect(String(data)).toBe("hello");
    socket.destroy();
  } finally {
    listener.close();
  }
});
