/**
 * Records what the real API server sends for pods and ConfigMaps, in every form that a contender asks for, into a folder that the replay
 * server reads. The pods are those of real Deployments, run by a real kubelet over a fake container runtime: 5 to 20 KB each.
 */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request, Agent } from "undici";
import { startControlPlane } from "../.build/test/control-plane/control-plane.js";
import { generatedConfigMap, generatedDeployments } from "./generated.mjs";

const json = "application/json";
const protobuf = "application/vnd.kubernetes.protobuf";
const metadataOf = (type, form) => `${type};as=PartialObjectMetadata${form};g=meta.k8s.io;v=v1`;
const deadlineMs = 120_000;

/** The folder with the recording that belongs to these sources; made if it is not there. */
export async function recording(cache) {
  const sources = await Promise.all(
    ["record.mjs", "generated.mjs"].map((name) => readFile(fileURLToPath(new URL(name, import.meta.url)))),
  );
  const hash = createHash("sha256").update(Buffer.concat(sources)).digest("hex").slice(0, 12);
  const folder = join(cache, `recording-${hash}`);
  if ((await readdir(folder).catch(() => [])).length > 0) return folder;
  console.error("recording from a real control plane (about a minute, once)");
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  const controlPlane = await startControlPlane({ scheduler: true, nodes: 2 });
  try {
    await record(controlPlane, unfinished);
    await rename(unfinished, folder);
  } finally {
    await controlPlane.stop();
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

async function record({ server, ca, token }, folder) {
  const dispatcher = new Agent({ connect: { ca: await readFile(ca, "utf8") } });
  const call = (path, { accept = json, ...options } = {}) =>
    request(`${server}${path}`, {
      dispatcher,
      ...options,
      headers: { authorization: `Bearer ${token}`, accept, ...options.headers },
    });
  const ask = async (path, options) => {
    const response = await call(path, options);
    const body = Buffer.from(await response.body.arrayBuffer());
    if (response.statusCode > 299)
      throw new Error(`${path}: ${response.statusCode} ${body.toString("utf8").slice(0, 500)}`);
    return body;
  };
  const send = (method, path, value, type = json, accept = json) =>
    ask(path, { method, accept, body: JSON.stringify(value), headers: { "content-type": type } });
  const keep = (name, body) => writeFile(join(folder, name), body);
  const applyType = "application/apply-patch+yaml";

  await send("POST", "/api/v1/namespaces", { metadata: { name: "recorded" } });
  const deployments = generatedDeployments();
  for (const deployment of deployments) {
    await send("POST", "/apis/apps/v1/namespaces/recorded/deployments", deployment);
  }
  const wanted = deployments.reduce((sum, { spec }) => sum + spec.replicas, 0);
  for (const end = Date.now() + deadlineMs; ; await wait(500)) {
    const { items } = JSON.parse(await ask("/api/v1/namespaces/recorded/pods"));
    const running = items.filter(({ status }) => status.containerStatuses?.every(({ ready }) => ready) === true).length;
    if (running === wanted) break;
    if (Date.now() > end) throw new Error(`only ${running} of ${wanted} pods are running after ${deadlineMs / 1000} s`);
  }
  for (let index = 0; index < 20; index += 1) {
    const { name, ...content } = generatedConfigMap(index);
    await send(
      "PATCH",
      `/api/v1/namespaces/recorded/configmaps/${name}?fieldManager=recorder`,
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { recorded: "true" } }, ...content },
      applyType,
    );
  }

  const collections = [
    { name: "pods", query: "" },
    { name: "configmaps", query: "labelSelector=recorded%3Dtrue&" },
  ];
  const forms = [
    { ending: "json", list: json, watch: json },
    { ending: "pb", list: protobuf, watch: `${protobuf};stream=watch` },
    { ending: "metadata.json", list: metadataOf(json, "List"), watch: metadataOf(json, "") },
    { ending: "metadata.pb", list: metadataOf(protobuf, "List"), watch: `${metadataOf(protobuf, "")};stream=watch` },
  ];
  for (const { name, query } of collections) {
    const path = `/api/v1/namespaces/recorded/${name}?${query}`;
    for (const { ending, list, watch } of forms) {
      await keep(`${name}.list.${ending}`, await ask(path, { accept: list }));
      await keep(`${name}.page.${ending}`, await ask(`${path}limit=2`, { accept: list }));
      const stream = `${path}watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=2`;
      await keep(`${name}.watch.${ending}`, await ask(stream, { accept: watch }));
    }
  }
  for (const [ending, accept] of [
    ["json", json],
    ["pb", protobuf],
  ]) {
    const { name } = generatedConfigMap(0);
    const path = `/api/v1/namespaces/recorded/configmaps/${name}`;
    await keep(`configmap.${ending}`, await ask(path, { accept }));
    const child = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "child" }, data: { of: name } };
    await keep(
      `applied.${ending}`,
      await send("PATCH", "/api/v1/namespaces/recorded/configmaps/child?fieldManager=bench", child, applyType, accept),
    );
  }
  await dispatcher.destroy();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await recording(fileURLToPath(new URL("../.cache/bench", import.meta.url))));
}
