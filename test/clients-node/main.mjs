/** Does with @kubernetes/client-node what its users do, against the server of a kubeconfig; a line for each check, exit code 1 if any fails. */

import { strict as assert } from "node:assert";
import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  ApiextensionsV1Api,
  AuthorizationV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  V1ConfigMap,
  VersionApi,
  Watch,
} from "@kubernetes/client-node";

const config = new KubeConfig();
config.loadFromFile(process.argv[2]);
const core = config.makeApiClient(CoreV1Api);
const apps = config.makeApiClient(AppsV1Api);
const custom = config.makeApiClient(CustomObjectsApi);
const objects = KubernetesObjectApi.makeApiClient(config);

const say = (line) => process.stdout.write(`${line}\n`);
const withData = (created, data) => Object.assign(new V1ConfigMap(), created, { data });

const labels = { suite: "node" };
const configMap = (name, data = {}) => ({ metadata: { name, labels }, data });

/** @returns what `promise` fails with, as the code and the Status. */
async function failure(promise) {
  const error = await promise.then(
    () => assert.fail("it did not fail"),
    (reason) => reason,
  );
  const body = typeof error.body === "string" ? JSON.parse(error.body) : error.body;
  return { code: error.code, reason: body?.reason, message: body?.message };
}

/** Resolves when `events` has what is wanted; events wake it up. */
function eventually(events, wanted, onEvent) {
  return new Promise((resolve) => {
    const look = () => wanted.every((event) => events.includes(event)) && resolve();
    onEvent(look);
    look();
  });
}

const checks = {
  async "the version is read"() {
    const { major, gitVersion } = await config.makeApiClient(VersionApi).getCode();
    assert.equal(major, "1");
    assert.match(gitVersion, /^v1\./);
  },

  async "objects are created, read, replaced, patched, listed and deleted"({ namespace }) {
    const created = await core.createNamespacedConfigMap({ namespace, body: configMap("a", { x: "1" }) });
    assert.ok(created.metadata.creationTimestamp instanceof Date);
    const replaced = await core.replaceNamespacedConfigMap({
      namespace,
      name: "a",
      body: withData(created, { x: "2" }),
    });
    assert.equal(replaced.data.x, "2");
    const patched = await core.patchNamespacedConfigMap(
      { namespace, name: "a", body: { data: { y: "3" } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    assert.deepEqual(patched.data, { x: "2", y: "3" });
    const list = await core.listNamespacedConfigMap({ namespace, labelSelector: "suite=node" });
    assert.deepEqual(
      list.items.map(({ metadata }) => metadata.name),
      ["a"],
    );
    await core.deleteNamespacedConfigMap({ namespace, name: "a" });
    const gone = await failure(core.readNamespacedConfigMap({ namespace, name: "a" }));
    assert.deepEqual(gone, { code: 404, reason: "NotFound", message: 'configmaps "a" not found' });
  },

  async "failures are told apart"({ namespace }) {
    const created = await core.createNamespacedConfigMap({ namespace, body: configMap("a") });
    const again = await failure(core.createNamespacedConfigMap({ namespace, body: configMap("a") }));
    assert.equal(again.reason, "AlreadyExists");
    await core.replaceNamespacedConfigMap({ namespace, name: "a", body: withData(created, { x: "1" }) });
    const stale = await failure(
      core.replaceNamespacedConfigMap({ namespace, name: "a", body: withData(created, { x: "2" }) }),
    );
    assert.equal(stale.reason, "Conflict");
    const invalid = await failure(core.createNamespacedConfigMap({ namespace, body: configMap("Not_Good") }));
    assert.equal(invalid.code, 422);
  },

  async "any object is applied on the server, with conflicts"({ namespace }) {
    const wanted = (x) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "b", namespace }, data: { x } });
    const apply = (x, manager, force) =>
      objects.patch(wanted(x), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
    await apply("1", "one");
    assert.equal((await failure(apply("2", "two"))).reason, "Conflict");
    assert.equal((await apply("2", "two", true)).data.x, "2");
    const read = await objects.read(wanted("2"));
    assert.ok(read.metadata.managedFields.some(({ manager, operation }) => manager === "two" && operation === "Apply"));
  },

  async "deployments are created and scaled"({ namespace }) {
    const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "example.dev/c:1" }] } };
    const spec = { replicas: 0, selector: { matchLabels: labels }, template };
    const created = await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: "web" }, spec } });
    assert.equal(created.spec.strategy.type, "RollingUpdate");
    await apps.patchNamespacedDeploymentScale(
      { namespace, name: "web", body: { spec: { replicas: 0 } } },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    assert.equal((await apps.readNamespacedDeploymentScale({ namespace, name: "web" })).status.selector, "suite=node");
  },

  async "an informer fills, and follows"({ namespace }) {
    await core.createNamespacedConfigMap({ namespace, body: configMap("before") });
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: "suite=node" });
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, "suite=node");
    const events = [];
    let look = () => undefined;
    for (const type of ["add", "update", "delete"]) {
      informer.on(type, (object) => {
        events.push(`${type} ${object.metadata.name}`);
        look();
      });
    }
    const connected = new Promise((resolve) => informer.on("connect", resolve));
    await informer.start();
    await connected;
    const created = await core.createNamespacedConfigMap({ namespace, body: configMap("after") });
    await core.replaceNamespacedConfigMap({ namespace, name: "after", body: withData(created, { x: "1" }) });
    await core.deleteNamespacedConfigMap({ namespace, name: "after" });
    await eventually(events, ["add before", "add after", "update after", "delete after"], (wake) => (look = wake));
    assert.equal(informer.get("before", namespace).metadata.name, "before");
    await informer.stop();
  },

  async "a watch goes on from a resourceVersion"({ namespace }) {
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    const events = [];
    let look = () => undefined;
    const controller = await new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { resourceVersion: metadata.resourceVersion },
      (type, object) => {
        events.push(`${type} ${object.metadata.name}`);
        look();
      },
      () => undefined,
    );
    await core.createNamespacedConfigMap({ namespace, body: configMap("w") });
    await eventually(events, ["ADDED w"], (wake) => (look = wake));
    controller.abort();
  },

  async "a custom kind is defined, and its objects are used"({ namespace }) {
    const group = `${namespace}.example.dev`;
    const definitions = config.makeApiClient(ApiextensionsV1Api);
    const openAPIV3Schema = {
      type: "object",
      properties: { spec: { type: "object", properties: { size: { type: "integer", _default: 1 } } } },
    };
    const name = `gadgets.${group}`;
    await definitions.createCustomResourceDefinition({
      body: {
        metadata: { name },
        spec: {
          group,
          scope: "Namespaced",
          names: { plural: "gadgets", singular: "gadget", kind: "Gadget" },
          versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
        },
      },
    });
    const isEstablished = async () => {
      const { status } = await definitions.readCustomResourceDefinition({ name });
      return status?.conditions?.some(({ type, status: is }) => type === "Established" && is === "True");
    };
    while (!(await isEstablished()));
    const of = { group, version: "v1", namespace, plural: "gadgets" };
    const body = { apiVersion: `${group}/v1`, kind: "Gadget", metadata: { name: "g" }, spec: {} };
    const created = await custom.createNamespacedCustomObject({ ...of, body });
    assert.equal(created.spec.size, 1);
    assert.equal((await custom.listNamespacedCustomObject(of)).items.length, 1);
    await definitions.deleteCustomResourceDefinition({ name });
  },

  async "a review is answered"({ namespace }) {
    const resourceAttributes = { namespace, verb: "get", resource: "secrets" };
    const { status } = await config
      .makeApiClient(AuthorizationV1Api)
      .createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
    assert.equal(status.allowed, true);
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const { metadata } = await core.createNamespace({ body: { metadata: { generateName: "clients-node-" } } });
  try {
    await check({ namespace: metadata.name });
    say(`ok   ${name}`);
  } catch (error) {
    failed++;
    say(`FAIL ${name}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}
const all = Object.keys(checks).length;
say(`${all - failed} of ${all} checks hold`);
process.exitCode = failed === 0 ? 0 : 1;
