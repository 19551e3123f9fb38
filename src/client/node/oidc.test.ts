import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { oidcConfig, oidcCredential } from "./oidc.js";

const now = 1_800_000_000_000;
/** The library compares this with the machine's clock. */
const issuedAt = Math.floor(Date.now() / 1000);
const secrets = ["refresh-1", "refresh-2", "client-secret-1"];

/** A token that expires so many seconds from now. Nobody but the API server checks its signature. */
function token(seconds: number, mark = "x"): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", mark })}.${part({ exp: now / 1000 + seconds, iss: issuer.url, aud: "kubernetes", sub: "s", iat: issuedAt })}.c2ln`;
}

/** An issuer: discovery and a token endpoint that a test can make fail. */
class Issuer {
  readonly grants: URLSearchParams[] = [];
  answer: { status: number; body: object } = { status: 200, body: {} };
  #server: Server | undefined;
  url = "";

  async start(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      const json = (status: number, body: object) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      if (request.url === "/.well-known/openid-configuration") {
        json(200, {
          issuer: this.url,
          authorization_endpoint: `${this.url}/auth`,
          token_endpoint: `${this.url}/token`,
          jwks_uri: `${this.url}/keys`,
          response_types_supported: ["code"],
          id_token_signing_alg_values_supported: ["RS256"],
          subject_types_supported: ["public"],
        });
        return;
      }
      let body = "";
      for await (const chunk of request) body += String(chunk);
      this.grants.push(new URLSearchParams(body));
      json(this.answer.status, this.answer.body);
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    this.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}

let issuer: Issuer;

beforeEach(async () => {
  issuer = new Issuer();
  await issuer.start();
});

afterEach(() => issuer.stop());

const config = (more: object = {}) => ({
  "idp-issuer-url": issuer.url,
  "client-id": "kubernetes",
  "client-secret": "client-secret-1",
  "refresh-token": "refresh-1",
  ...more,
});

function credentialOf(fields: object) {
  return oidcCredential(oidcConfig(fields, "user u"), { where: "user u", now: () => now });
}

const issued = (idToken: string, refresh?: string) => ({
  status: 200,
  body: {
    access_token: "a",
    token_type: "Bearer",
    id_token: idToken,
    ...(refresh !== undefined && { refresh_token: refresh }),
  },
});

test("an id token that is good is used as it is, and nobody is asked", async () => {
  const idToken = token(3600);
  const credential = credentialOf(config({ "id-token": idToken }));
  expect(await credential.current()).toEqual({ authorization: `Bearer ${idToken}` });
  expect(issuer.grants).toEqual([]);
});

test.each([
  { title: "has expired", idToken: () => token(-1) },
  { title: "is about to", idToken: () => token(9) },
  { title: "is no JSON Web Token", idToken: () => "garbage" },
  { title: "is not there", idToken: () => "" },
])("an id token that $title is refreshed, once for many", async ({ idToken }) => {
  const fresh = token(3600, "fresh");
  issuer.answer = issued(fresh);
  const credential = credentialOf(config({ "id-token": idToken() }));
  const all = await Promise.all(Array.from({ length: 10 }, () => credential.current()));
  expect(new Set(all.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${fresh}`]));
  expect(issuer.grants).toHaveLength(1);
  expect(Object.fromEntries(issuer.grants[0] ?? [])).toMatchObject({
    grant_type: "refresh_token",
    refresh_token: "refresh-1",
  });
});

test("a token that was refused is refreshed; a refresh token that the issuer replaced is used from then, another kept", async () => {
  const credential = credentialOf(config({ "id-token": token(3600) }));
  const first = await credential.current();
  issuer.answer = issued(token(3600, "second"), "refresh-2");
  const second = await credential.renew(first);
  issuer.answer = issued(token(3600, "third"));
  const third = await credential.renew(second);
  issuer.answer = issued(token(3600, "fourth"));
  await credential.renew(third);
  expect(issuer.grants.map((grant) => grant.get("refresh_token"))).toEqual(["refresh-1", "refresh-2", "refresh-2"]);
});

describe("a refresh that fails says so, and no secret", () => {
  test.each([
    { title: "the issuer refuses", answer: { status: 400, body: { error: "invalid_grant" } }, says: "invalid_grant" },
    { title: "the issuer is broken", answer: { status: 500, body: {} }, says: "did not refresh the id token" },
    {
      title: "the issuer gives no id token",
      answer: { status: 200, body: { access_token: "a", token_type: "Bearer" } },
      says: "gave no id_token",
    },
  ])("$title", async ({ answer, says }) => {
    issuer.answer = answer;
    const error: unknown = await credentialOf(config())
      .current()
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: "AUTH", message: expect.stringContaining(says) });
    expect(String(error)).toContain(issuer.url);
    for (const secret of secrets) expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(secret);
  });

  test("the issuer cannot be reached", async () => {
    issuer.stop();
    await expect(credentialOf(config()).current()).rejects.toMatchObject({ code: "AUTH" });
  });

  test("there is no refresh token", async () => {
    const credential = credentialOf(config({ "id-token": token(-1), "refresh-token": "" }));
    await expect(credential.current()).rejects.toThrow("there is no refresh-token: log in again");
  });
});

test.each([
  [{ "refresh-token": "r", "client-id": "c" }, "has no idp-issuer-url"],
  [{ "refresh-token": "r", "idp-issuer-url": "https://i" }, "has no client-id"],
  [{ "idp-issuer-url": "https://i", "client-id": "c" }, "neither id-token nor refresh-token"],
  [undefined, "neither id-token nor refresh-token"],
])("the configuration %o is refused before anything is asked", (fields, says) => {
  expect(() => oidcConfig(fields, "user u")).toThrow(says);
});
