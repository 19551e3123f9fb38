/** The processes of a benchmark: the replay server, and contenders that tell where they are by marks. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** No single step of a contender takes longer, or it is given up. */
const stepMs = 180_000;

/** Starts a program that prints lines of JSON and ends when its standard input does. */
export function startProgram(command, options = {}) {
  const startedAt = performance.timeOrigin + performance.now();
  const child = spawn(command[0], command.slice(1), { stdio: ["pipe", "pipe", "pipe"], ...options });
  let complaints = "";
  child.stderr.on("data", (chunk) => (complaints = (complaints + chunk).slice(-2000)));
  child.on("error", (error) => (complaints += error.message));
  const exited = new Promise((resolve) => child.once("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const timer = setTimeout(() => child.kill("SIGKILL"), stepMs);
    try {
      const { value, done } = await lines.next();
      if (!done) return JSON.parse(value);
      await exited;
      throw new Error(`${command.join(" ")} ended (${child.exitCode ?? child.signalCode}): ${complaints.trim()}`);
    } finally {
      clearTimeout(timer);
    }
  };
  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await exited;
    clearTimeout(timer);
  };
  const tell = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  return { startedAt, next, tell, stop, residentMb: () => residentMb(child.pid), cpuMs: () => cpuMs(child.pid) };
}

/** A contender at one workload. `until(mark)` resolves with that mark, or undefined if the contender has no such workload. */
export function startContender(contender, [workload, options], kubeconfig) {
  const program = startProgram([...contender.command, workload, JSON.stringify(options)], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
  });
  const marks = {};
  const until = async (name) => {
    while (marks[name] === undefined) {
      const mark = await program.next();
      marks[mark.mark] = mark;
      if (mark.mark === "unsupported") return undefined;
    }
    return marks[name];
  };
  return { ...program, until };
}

async function residentMb(pid) {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024;
}

/** User and system time of all threads; Linux counts it for programs in hundredths of a second. */
async function cpuMs(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The replay server with so many objects, for as long as `use` takes. */
export async function withReplay({ binary, recording }, { pods = 0, configMaps = 0 }, use) {
  const folder = await mkdtemp(join(tmpdir(), "kindred-bench-"));
  const program = startProgram([
    binary,
    ...["-recording", recording, "-pods", pods, "-configmaps", configMaps, "-out", folder].map(String),
  ]);
  try {
    const { control, kubeconfig } = await program.next();
    const ask = async (what) => (await fetch(`${control}/${what}`)).json();
    return await use({
      kubeconfig,
      /** The open watches and connections, and how many connections were opened since the last reset. */
      stats: () => ask("stats"),
      reset: () => ask("reset"),
      /** Lets so many changes go. */
      release: (events) => ask(`release?events=${events}`),
    });
  } finally {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a command to its end. @returns what it printed. @throws Error with the end of its output. */
export async function run(command, options = {}) {
  const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  let all = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
    all += chunk;
  });
  child.stderr.on("data", (chunk) => (all += chunk));
  const [code] = await Promise.race([
    once(child, "close"),
    once(child, "error").then(([error]) => {
      throw error;
    }),
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} failed (${code}): ${all.slice(-1500)}`);
  return output;
}
