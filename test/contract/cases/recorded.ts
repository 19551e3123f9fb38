/**
 * What the real server makes of the kinds that controllers write: defaults, ownership, refusals. The bodies in `recorded.json` are
 * written by hand; the answers are the real server's own, and `CONTRACT_UPDATE=1` records them anew.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { array, at, fields, text } from "../json.js";

const uid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const file = new URL("recorded.json", import.meta.url);
const recorded: readonly unknown[] = parsed(readFileSync(file, "utf8"));

export const recordedCases: readonly Case[] = recorded.map(
  (entry, index): Case => ({
    id: `61.${index + 1}`,
    title: text(entry, "title"),
    async run(server) {
      const path = text(entry, "path").replace("{namespace}", await server.namespace());
      // Nothing is stored: no controller interferes, and cluster-wide names are free.
      const answer = await server.post(path, at(entry, "body"), { query: { dryRun: "All" } });
      const json = normal(answer.json);
      if (env["CONTRACT_UPDATE"] !== undefined) {
        update(index, { title: at(entry, "title"), path: at(entry, "path"), body: at(entry, "body"), answer: json });
        return;
      }
      expect(json).toEqual(at(entry, "answer"));
      expect(answer.status).toBe(at(json, "kind") === "Status" ? at(json, "code") : 201);
    },
  }),
);

/**
 * Without what differs from run to run. The real server finds the faults of a custom resource and of a schema in no order (a Go map's), so that they are
 * put into one, once the message is seen to tell them in the causes' order.
 */
function normal(json: unknown): unknown {
  const group = at(json, "details", "group");
  const isUnordered = group === "suite.example.com" || group === "apiextensions.k8s.io";
  if (text(json, "kind") !== "Status" || !isUnordered) return masked(json);
  const causes = array(json, "details", "causes");
  if (causes.length < 2) return masked(json);
  const told = causes.map((cause) => `${text(cause, "field")}: ${text(cause, "message")}`);
  const message = text(json, "message");
  expect(message.endsWith(` is invalid: [${told.join(", ")}]`), message).toBe(true);
  const order = [...told.keys()].toSorted((a, b) => ((told[a] ?? "") < (told[b] ?? "") ? -1 : 1));
  return masked({
    ...fields(json),
    message: message.replace(told.join(", "), () => order.map((index) => told[index]).join(", ")),
    details: { ...fields(at(json, "details")), causes: order.map((index) => causes[index]) },
  });
}

function masked(json: unknown): unknown {
  const varying = new Set(["uid", "creationTimestamp", "namespace", "time", "lastPhaseTransitionTime"]);
  const normalised: unknown = JSON.parse(JSON.stringify(json), (key, value: unknown) =>
    typeof value === "string" ? (varying.has(key) ? `<${key}>` : value.replaceAll(uid, "<uid>")) : value,
  );
  return normalised;
}

function update(index: number, entry: object): void {
  const entries = array(parsed(readFileSync(file, "utf8"))).with(index, entry);
  writeFileSync(file, `${JSON.stringify(entries, undefined, 2)}\n`);
}

function parsed(content: string): readonly unknown[] {
  const json: unknown = JSON.parse(content);
  return array(json);
}
