/** A control plane with RBAC on, and what it takes to come to it as somebody: certificates that it signs, tokens that it issues. */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { Client, type ClientSettings, isForbidden } from "kindred";
import {
  CertificateSigningRequest,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  Secret,
  SelfSubjectReview,
  ServiceAccount,
} from "kindred/resources";
import { base64, Folder, type Issued, kubeconfig } from "../../src/client/node/harness.mjs";
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "../control-plane/control-plane.js";
import { until } from "../support/child.js";
import type { Watching } from "./watching.js";

/** Settings of a client, and what its cluster has besides the server and its CA. */
export interface As extends ClientSettings {
  readonly cluster?: object;
}

/** The control plane, its administrator, and a folder. */
export class World implements AsyncDisposable {
  readonly folder = new Folder();
  readonly controlPlane: ControlPlane;
  readonly admin: Client;
  #certificates = 0;
  readonly #clients: AsyncDisposable[] = [];

  private constructor(controlPlane: ControlPlane, admin: Client) {
    this.controlPlane = controlPlane;
    this.admin = admin;
  }

  static async start(options: ControlPlaneOptions = {}): Promise<World> {
    const controlPlane = await startControlPlane(options);
    const admin = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] }];
    await admin.api(ClusterRole).create({ metadata: { name: "reader" }, rules });
    return new World(controlPlane, admin);
  }

  /** A client of the API server as this user of a kubeconfig; closed with the world. */
  async client(user: object, { cluster, ...settings }: As = {}): Promise<Client> {
    const { server, ca } = this.controlPlane;
    const client = await Client.fromKubeconfig({
      text: kubeconfig({ server, "certificate-authority": ca, ...cluster }, user),
      env: { PATH: process.env["PATH"] },
      retry: false,
      ...settings,
    });
    this.#clients.push(client);
    return client;
  }

  /** A certificate of this user, which the control plane signs. */
  async certificate(user: string, ...groups: readonly string[]): Promise<Issued> {
    this.#certificates += 1;
    const name = `credentials-${this.#certificates}`;
    const key = `${this.folder.path}/${name}.key`;
    const subject = `${groups.map((group) => `/O=${group}`).join("")}/CN=${user}`;
    const made = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", subject];
    const { stdout } = await promisify(execFile)("openssl", ["req", "-new", ...made]);
    const requests = this.admin.api(CertificateSigningRequest);
    const request = await requests.create({
      metadata: { name },
      spec: { request: base64(stdout), signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"] },
    });
    const conditions = [{ type: "Approved", status: "True", reason: "Test", message: "it is a test" }];
    await requests.approval.replace({ ...request, status: { conditions } });
    let cert: string | undefined;
    await until(`the certificate of ${user}`, async () => {
      cert = (await requests.get(name)).status?.certificate;
      return cert !== undefined;
    });
    return { cert: Buffer.from(cert ?? "", "base64").toString("utf8"), key: readFileSync(key, "utf8") };
  }

  async account(name: string): Promise<string> {
    await this.admin.api(ServiceAccount).namespace("default").create({ metadata: { name } });
    return `system:serviceaccount:default:${name}`;
  }

  /** A token of a service account, which holds until it is revoked. */
  async token(account: string): Promise<{ readonly token: string; readonly revoke: () => Promise<void> }> {
    const secrets = this.admin.api(Secret).namespace("default");
    const { metadata } = await secrets.create({ metadata: { generateName: `${account}-` } });
    const { name } = metadata;
    const accounts = this.admin.api(ServiceAccount).namespace("default");
    const boundObjectRef = { kind: "Secret", apiVersion: "v1", name };
    const { status } = await accounts.createToken(account, { expirationSeconds: 600, boundObjectRef });
    const revoke = async () => {
      await secrets.delete(name);
      const old = await this.client({ token: status.token });
      // The server remembers for ten seconds that a token was good.
      await until(
        "the end of a token",
        () =>
          whoAmI(old).then(
            () => false,
            () => true,
          ),
        40_000,
      );
    };
    return { token: status.token, revoke };
  }

  /** Lets a user read config maps, until the function that it returns is called. */
  async letRead(user: string): Promise<() => Promise<void>> {
    const bindings = this.admin.api(ClusterRoleBinding);
    const { metadata } = await bindings.create({
      metadata: { generateName: "reads-" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reader" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
    });
    const act = await this.client({ token: this.controlPlane.token }, { impersonate: { user } });
    const reads = () =>
      act
        .api(ConfigMap)
        .namespace("default")
        .page({ limit: 1 })
        .then(
          () => true,
          (error: unknown) => {
            if (isForbidden(error)) return false;
            throw error;
          },
        );
    await until(`${user} may read`, reads);
    return async () => {
      await bindings.delete(metadata.name);
      await until(`${user} may not read`, async () => !(await reads()));
    };
  }

  /** Makes a config map, and waits until the watch has seen it. */
  async shows(watch: Watching, name: string): Promise<void> {
    await this.admin
      .api(ConfigMap)
      .namespace("default")
      .create({ metadata: { name, labels: { watch: watch.label } } });
    await until(`${name} on the watch ${watch.label}, which failed with ${watch.errors.join("; ")}`, () =>
      watch.names.includes(name),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.admin, ...this.#clients].map((client) => client[Symbol.asyncDispose]()));
    await this.controlPlane.stop();
    this.folder[Symbol.dispose]();
  }
}

/** Whom the API server takes a client for. */
export async function whoAmI(client: Client) {
  const { status } = await client.api(SelfSubjectReview).create({});
  return status?.userInfo ?? {};
}
