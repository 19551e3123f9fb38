/**
 * kindred side by side with the clients that people use now, on recorded traffic of the real API server.
 *
 *   npm run bench                       everything, three rounds; writes docs/performance.{json,svg} and the table in docs/performance.md
 *   npm run bench -- --quick            smaller, one round: under two minutes once all is built; writes nothing into docs
 *   npm run bench -- --only sync,watch  some workloads; --contenders kindred,client-go; --rounds 5; --scenario "10,000"; --docs
 *   npm run bench -- --contenders kindred --against FOLDER   what a change did: the folder is a copy of dist from before it
 *
 * In each round the contenders take turns, so that what disturbs the machine disturbs all of them. Figures are medians of the rounds.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildAll, cache, node, root } from "./build.mjs";
import { picture } from "./picture.mjs";
import { recording } from "./record.mjs";
import { run } from "./process.mjs";
import { medians } from "./statistics.mjs";
import { markdownTable } from "./table.mjs";
import { embedded } from "./workloads/embedded.mjs";
import { idle } from "./workloads/idle.mjs";
import { live } from "./workloads/live.mjs";
import { reconcile } from "./workloads/reconcile.mjs";
import { requests } from "./workloads/requests.mjs";
import { start } from "./workloads/start.mjs";
import { sync } from "./workloads/sync.mjs";
import { watch } from "./workloads/watch.mjs";

const workloads = [start, requests, watch, reconcile, idle, sync, embedded, live];

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    docs: { type: "boolean", default: false },
    only: { type: "string" },
    contenders: { type: "string" },
    scenario: { type: "string" },
    rounds: { type: "string" },
    against: { type: "string" },
  },
});
const only = flags.only?.split(",");
const unknown = only?.find((name) => !workloads.some((workload) => workload.name === name));
if (unknown !== undefined) {
  console.error(`there is no workload ${unknown}: choose from ${workloads.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}
const chosen = workloads.filter(({ name }) => only === undefined || only.includes(name));
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const whole = !flags.quick && only === undefined && flags.contenders === undefined && flags.scenario === undefined;

await mkdir(cache, { recursive: true });
const names = flags.contenders?.split(",");
const { built, missing, replay } = await buildAll({
  wanted: (name) => names === undefined || names.some((one) => name.startsWith(one)),
  against: flags.against,
});
const bench = { binary: replay, recording: await recording(cache) };
const failures = missing.map(({ name, reason }) => `${name} could not be built: ${telling(reason)}`);
const results = [];
for (const workload of chosen) {
  const scenarios = workload
    .scenarios(flags)
    .filter(({ title }) => flags.scenario === undefined || title.includes(flags.scenario));
  if (scenarios.length === 0) console.error(`${workload.name}: nothing to measure with this build and these flags`);
  for (const scenario of scenarios) results.push(await measure(workload, scenario));
}

const contenders = built.map(({ name }) => name);
const table = markdownTable(results, contenders);
const report = {
  measuredOn: await description(),
  contenders: Object.fromEntries(built.map(({ name, version }) => [name, version])),
  rounds,
  failures,
  results: results.map(({ metrics: _metrics, ...result }) => result),
};
const reported = `${JSON.stringify(report, rounded, 2)}\n`;
console.log(`\n${report.measuredOn}; ${rounds} ${rounds === 1 ? "round" : "rounds, medians"}\n\n${table}`);
await writeFile(join(cache, "results.json"), reported);
await writeFile(join(cache, "results.svg"), drawn());
if (whole || flags.docs) await writeDocs();
for (const failure of failures) console.error(`\nMISSING: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function measure(workload, scenario) {
  const runs = new Map();
  const failed = new Set();
  process.stderr.write(`${workload.name}: ${scenario.title} `);
  try {
    await workload.around(bench, scenario, async (server) => {
      for (let round = 0; round < rounds; round += 1) {
        for (const contender of built) {
          if (failed.has(contender.name)) continue;
          process.stderr.write(".");
          try {
            const figures = await workload.measure(server, contender, scenario);
            if (figures !== undefined) runs.set(contender.name, [...(runs.get(contender.name) ?? []), figures]);
          } catch (error) {
            failed.add(contender.name);
            failures.push(`${contender.name} at ${workload.name}, ${scenario.title}: ${telling(error.message)}`);
          }
        }
      }
    });
  } catch (error) {
    failures.push(`${workload.name}, ${scenario.title}: ${telling(error.message)}`);
  }
  process.stderr.write("\n");
  const figures = Object.fromEntries([...runs].map(([name, all]) => [name, medians(all)]));
  return {
    workload: workload.name,
    metrics: workload.metrics,
    title: scenario.title,
    figures,
    runs: Object.fromEntries(runs),
  };
}

/** No figure is good for more than four digits. */
function rounded(_key, value) {
  return typeof value === "number" ? Number(value.toPrecision(4)) : value;
}

/** The line that says what went wrong, without where on this machine. */
function telling(message) {
  const line = /^.*error:.*$/im.exec(message)?.[0] ?? message.trim().split("\n").at(-1);
  return line.replaceAll(root, "").trim();
}

/** The machine and the software that a figure depends on, without its name. */
async function description() {
  const version = (await run([node, "--version"])).trim();
  const [{ model }] = cpus();
  return `${cpus().length} × ${model.trim()}, ${process.platform}, Node ${version} for both JavaScript clients`;
}

function drawn() {
  return picture(results, contenders, {
    caption: `kindred ${report.contenders.kindred ?? ""} and the clients that people use now`,
    chosen: ({ workload, title, metric }) =>
      (workload === "sync" && title.includes("in pages") && ["CPU", "peak memory"].includes(metric.title)) ||
      (workload === "watch" && metric.title === "events per CPU second") ||
      (workload === "requests" && metric.title === "CPU per get") ||
      (workload === "start" && ["import", "installed"].includes(metric.title)),
  });
}

/** Puts the table where docs/performance.md has its place. */
async function writeDocs() {
  const path = join(root, "docs", "performance.md");
  const before = await readFile(path, "utf8");
  const [begin, end] = ["<!-- figures: written by npm run bench -->", "<!-- end of figures -->"];
  const [head, rest = ""] = before.split(begin);
  const [, tail] = rest.split(end);
  if (tail === undefined) throw new Error(`${path} has no place for the table: ${begin} … ${end}`);
  const times = rounds === 1 ? "one round" : `medians of ${rounds} rounds`;
  const versions = built.map(({ name, version }) => `${name} ${version}`).join(", ");
  const heading = `Measured on ${report.measuredOn}; ${versions}; ${times}.`;
  const missed = failures.map((failure) => `- Missing: ${failure}`).join("\n");
  const parts = [`${head}${begin}`, heading, table, missed, `${end}${tail}`];
  await writeFile(path, parts.filter((part) => part !== "").join("\n\n"));
  await writeFile(join(root, "docs", "performance.json"), reported);
  await writeFile(join(root, "docs", "performance.svg"), drawn());
}
