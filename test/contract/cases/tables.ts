/** Outputs other than the object itself: Tables, metadata alone, compression, pretty printing. */

import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { array, at, itemsOf, objectOf, text } from "../json.js";
import { configMap, configMaps, podTemplate, podTemplates } from "../objects.js";
import { expectFailure } from "../status.js";
import { widget, widgets } from "../widgets.js";

const table = "application/json;as=Table;v=v1;g=meta.k8s.io";
const metadataList = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
const metadata = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

export const tableCases: readonly Case[] = [
  {
    id: "13",
    title: "a list as a Table has columns, and rows with an object's metadata",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a", { x: "1", y: "2" }));
      const query = { fieldSelector: "metadata.name=a" };
      const answer = await server.get(configMaps(ns), { headers: { accept: table }, query });
      expect(answer.status).toBe(200);
      expect(answer.header("content-type")).toBe("application/json");
      expect(answer.json).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
      expect(text(answer.json, "metadata", "resourceVersion")).toMatch(/^[1-9]\d*$/);
      const columns = array(answer.json, "columnDefinitions");
      expect(
        columns.map((column) => [at(column, "name"), at(column, "type"), at(column, "format"), at(column, "priority")]),
      ).toEqual([
        ["Name", "string", "name", 0],
        ["Data", "string", "", 0],
        ["Age", "string", "", 0],
      ]);
      expect(array(answer.json, "rows")).toHaveLength(1);
      expect(at(answer.json, "rows", 0)).toEqual({
        cells: ["a", 2, expect.stringMatching(/^\d+s$/)],
        object: {
          kind: "PartialObjectMetadata",
          apiVersion: "meta.k8s.io/v1",
          metadata: expect.objectContaining({ name: "a", namespace: ns }),
        },
      });
      const none = await server.get(configMaps(ns), {
        headers: { accept: table },
        query: { ...query, includeObject: "None" },
      });
      expect(at(none.json, "rows", 0, "object")).toBeNull();
      const whole = await server.get(configMaps(ns), {
        headers: { accept: table },
        query: { ...query, includeObject: "Object" },
      });
      expect(at(whole.json, "rows", 0, "object")).toMatchObject({ kind: "ConfigMap", data: { x: "1" } });
      const bad = await server.get(configMaps(ns), {
        headers: { accept: table },
        query: { ...query, includeObject: "Bad" },
      });
      expectFailure(bad, {
        code: 400,
        reason: "BadRequest",
        message: /^Unable to convert to Table as requested: includeObject: Invalid value: "Bad"/,
      });
    },
  },
  {
    id: "13.1",
    title: "a custom resource's Table has the columns of its definition, after the name",
    async run(server) {
      const ns = await server.namespace();
      await server.create(widgets(ns), widget("w1", { size: 3 }));
      const answer = await server.get(widgets(ns, "w1"), { headers: { accept: table } });
      const columns = array(answer.json, "columnDefinitions");
      expect(columns.map((column) => [at(column, "name"), at(column, "type"), at(column, "format")])).toEqual([
        ["Name", "string", "name"],
        ["Size", "integer", ""],
      ]);
      expect(at(answer.json, "rows", 0, "cells")).toEqual(["w1", 3]);
    },
  },
  {
    id: "14",
    title: "a list as PartialObjectMetadataList has items of metadata alone, each with its kind",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a", { x: "1" }, { labels: { l: "1" } }));
      const query = { labelSelector: "l=1" };
      const answer = await server.get(configMaps(ns), { headers: { accept: metadataList }, query });
      expect(answer.json).toMatchObject({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
      expect(itemsOf(answer.json).map((item) => [Object.keys(item).toSorted(), item.kind, item.apiVersion])).toEqual([
        [["apiVersion", "kind", "metadata"], "PartialObjectMetadata", "meta.k8s.io/v1"],
      ]);
      const one = await server.get(configMaps(ns, "a"), { headers: { accept: metadata } });
      expect(Object.keys(objectOf(one.json)).toSorted()).toEqual(["apiVersion", "kind", "metadata"]);
      expectFailure(await server.get(configMaps(ns), { headers: { accept: metadata } }), {
        code: 406,
        reason: "NotAcceptable",
        message: /^you requested PartialObjectMetadata, but the requested object is a list/,
      });
      const listOfOne = await server.get(configMaps(ns, "a"), { headers: { accept: metadataList } });
      expectFailure(listOfOne, { code: 406, reason: "NotAcceptable" });
    },
  },
  {
    id: "14.1",
    title: "a small answer is not compressed, a large one is if the client takes gzip",
    async run(server) {
      const ns = await server.namespace();
      await server.create(podTemplates(ns), podTemplate("small"));
      await server.create(configMaps(ns), configMap("large", { x: "x".repeat(200_000) }));
      const headers = { "accept-encoding": "gzip" };
      const small = await server.get(podTemplates(ns), { headers });
      expect(small.header("content-encoding")).toBeUndefined();
      const large = await server.get(configMaps(ns, "large"), { headers });
      expect(large.header("content-encoding")).toBe("gzip");
      const json: unknown = JSON.parse(gunzipSync(large.bytes).toString("utf8"));
      expect(at(json, "metadata", "name")).toBe("large");
      const plain = await server.get(configMaps(ns, "large"));
      expect(plain.header("content-encoding")).toBeUndefined();
    },
  },
  {
    id: "14.2",
    title: "an answer is one JSON document and a newline, and pretty on demand",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a"));
      const plain = await server.get(configMaps(ns, "a"));
      expect(plain.text).toMatch(/^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"name":"a".*\}\n$/);
      const pretty = await server.get(configMaps(ns, "a"), { query: { pretty: true } });
      expect(pretty.text).toMatch(/^\{\n {2}"kind": "ConfigMap",\n {2}"apiVersion": "v1",\n/);
      const curl = await server.get(configMaps(ns, "a"), { headers: { "user-agent": "curl/8.0" } });
      expect(curl.text).toBe(pretty.text);
    },
  },
];
