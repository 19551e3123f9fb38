/** What may change of an object, and what may not: merge patches, and what the real server says of them. Recorded as `recorded.json` is. */

import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import { expect } from "vitest";
import type { Case } from "../case.js";
import { at, fields, text } from "../json.js";

const file = new URL("changes.json", import.meta.url);
const recorded: readonly unknown[] = parsed(readFileSync(file, "utf8"));

/** What is told of a change that is taken. */
const taken = "taken";

export const changeCases: readonly Case[] = recorded.map(
  (entry, index): Case => ({
    id: `65.${index + 1}`,
    title: text(entry, "title"),
    async run(server) {
      const namespace = await server.namespace();
      const path = text(entry, "path").replace("{namespace}", namespace);
      if (path.endsWith("/pods")) await untilAccount(server, namespace);
      await server.create(path, at(entry, "body"));
      const { status, json } = await server.merge(`${path}/change`, at(entry, "change"), { query: { dryRun: "All" } });
      // A controller may have seen the object already: of what is taken, only that counts.
      const answer = status === 200 ? taken : masked(json);
      if (env["CONTRACT_UPDATE"] !== undefined) {
        update(index, answer);
        return;
      }
      expect(answer).toEqual(at(entry, "answer"));
    },
  }),
);

async function untilAccount(server: Parameters<Case["run"]>[0], namespace: string): Promise<void> {
  const watch = await server.watch(`/api/v1/namespaces/${namespace}/serviceaccounts`);
  await watch.next();
  watch.close();
}

function masked(json: unknown): unknown {
  const uid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
  const normalised: unknown = JSON.parse(JSON.stringify(json), (_key, value: unknown) =>
    typeof value === "string" ? brief(value).replaceAll(uid, "<uid>") : value,
  );
  return normalised;
}

/** A message without what only Go can print: a difference of two structs, and a whole pod as one. */
function brief(message: string): string {
  const [head = ""] = message.split("\n@@");
  return head.replace(/Invalid value: \{.*"(?:Volumes|containers)":.*\}:/, "Invalid value: {…}:");
}

function update(index: number, answer: unknown): void {
  const entries = [...parsed(readFileSync(file, "utf8"))];
  entries[index] = { ...fields(entries[index]), answer };
  writeFileSync(file, `${JSON.stringify(entries, null, 2)}\n`);
}

function parsed(source: string): readonly unknown[] {
  const value: unknown = JSON.parse(source);
  if (!Array.isArray(value)) throw new Error("changes.json is no list");
  return value;
}
