/** An OIDC issuer over TLS on 127.0.0.1 with a key of its own, which gives id tokens for refresh tokens. */

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type Issued, type Running, serveHttps } from "../../src/client/node/harness.mjs";

const clientId = "kindred-test";

/** The issuer, and the refresh tokens that it was asked with. */
export class Issuer implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly url: string;
  readonly #running: Running;
  readonly #key: KeyObject;

  private constructor(running: Running, key: KeyObject) {
    this.#running = running;
    this.#key = key;
    this.url = running.url;
  }

  static async start(certificate: Issued): Promise<Issuer> {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const running = await serveHttps(certificate, async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const answer = issuer.#answer(request.url ?? "", new URLSearchParams(body), publicKey);
      response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    });
    const issuer = new Issuer(running, privateKey);
    return issuer;
  }

  /** An id token of this user; `key` is the issuer's unless the API server is to refuse it. */
  idToken(
    sub: string,
    { seconds = 3600, key = this.#key }: { readonly seconds?: number; readonly key?: KeyObject } = {},
  ): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.url, aud: clientId, sub, groups: ["oidc-staff"], iat: now - 10, exp: now + seconds };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = `${part({ alg: "RS256", kid: "1" })}.${part(claims)}`;
    return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
  }

  /** A user of a kubeconfig. */
  user(idToken: string, authority: string): object {
    const config = {
      "idp-issuer-url": this.url,
      "idp-certificate-authority": authority,
      "client-id": clientId,
      "client-secret": "secret",
      "id-token": idToken,
      "refresh-token": "refresh",
    };
    return { "auth-provider": { name: "oidc", config } };
  }

  /** What the API server needs to believe this issuer. */
  apiServerFlags(authority: string): readonly string[] {
    return [
      `--oidc-issuer-url=${this.url}`,
      `--oidc-client-id=${clientId}`,
      `--oidc-ca-file=${authority}`,
      "--oidc-username-prefix=oidc:",
      "--oidc-groups-claim=groups",
    ];
  }

  #answer(path: string, form: URLSearchParams, publicKey: KeyObject): object | undefined {
    switch (path) {
      case "/.well-known/openid-configuration":
        return {
          issuer: this.url,
          authorization_endpoint: `${this.url}/auth`,
          token_endpoint: `${this.url}/token`,
          jwks_uri: `${this.url}/keys`,
          response_types_supported: ["code"],
          id_token_signing_alg_values_supported: ["RS256"],
          subject_types_supported: ["public"],
        };
      case "/keys":
        return { keys: [{ ...publicKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "1" }] };
      case "/token": {
        this.asked.push(form.get("refresh_token") ?? "");
        return { access_token: "a", token_type: "Bearer", id_token: this.idToken("refreshed") };
      }
      default:
        return undefined;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#running[Symbol.asyncDispose]());
  }
}
