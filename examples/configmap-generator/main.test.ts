/** `npm start` as it is typed: by a newcomer, by CI, and with the wrong words. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Client } from "kindred";
import { ConfigMap } from "kindred/resources/core/v1";
import { ConfigMapGenerator } from "./controller.js";

const program = fileURLToPath(new URL("../../.build/examples/configmap-generator/main.js", import.meta.url));

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const watcher of watchers) watcher();
    });
  }
  const exited = once(child, "close").then(([code]) => {
    for (const watcher of watchers) watcher();
    return code as number | null;
  });
  return {
    child,
    exited,
    output: () => output,
    /** Waits until the output has a text. */
    async says(text: string): Promise<void> {
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (output.includes(text)) resolve();
          else if (child.exitCode !== null)
            reject(new Error(`it ended without saying ${JSON.stringify(text)}:\n${output}`));
        };
        watchers.add(look);
        look();
      });
    },
  };
}

test("with --once it shows what a controller does, and ends", async () => {
  const { exited, output } = start("--once");
  expect(await exited).toBe(0);
  const lines = output().split("\n");
  // Generators and ConfigMaps come by a watch each: between the two, no order is promised.
  expect(lines.filter((line) => line.startsWith("you ") || line.startsWith("cluster     ConfigMap "))).toEqual([
    'you         create the ConfigMapGenerator greeting, which asks for "hello"',
    'cluster     ConfigMap greeting was created: it holds "hello" (by configmap-generator)',
    "you         delete its ConfigMap, as if by accident",
    "cluster     ConfigMap greeting was deleted",
    'cluster     ConfigMap greeting was created: it holds "hello" (by configmap-generator)',
    'you         change what it asks for to "good morning"',
    'cluster     ConfigMap greeting was changed: it holds "good morning" (by configmap-generator)',
  ]);
  expect(lines.filter((line) => line.startsWith("cluster     ConfigMapGenerator "))).toEqual([
    'cluster     ConfigMapGenerator greeting was created: it asks for "hello" (by you)',
    'cluster     ConfigMapGenerator greeting was changed: it asks for "good morning" (by you)',
  ]);
  expect(output()).toContain("controller  has stopped: every reconcile has finished\n");
});

test("others join in by the kubeconfig that it names, and Ctrl-C ends it and takes that away", async () => {
  const { child, exited, output, says } = start();
  await says("Ctrl-C ends this.");
  const [, kubeconfig = ""] =
    /^ {2}kubectl --kubeconfig (\S+) get configmapgenerators,configmaps$/m.exec(output()) ?? [];
  const client = await Client.fromKubeconfig({ path: kubeconfig });
  await client.api(ConfigMap).namespace("default").delete("greeting");
  await says('cluster     ConfigMap greeting was created: it holds "good morning" (by configmap-generator)');
  await client.api(ConfigMapGenerator).namespace("default").delete("greeting");
  await says("cluster     ConfigMapGenerator greeting was deleted\n");
  await client[Symbol.asyncDispose]();
  child.kill("SIGINT");
  expect(await exited).toBe(0);
  expect(output()).toContain("controller  has stopped: every reconcile has finished\n");
  expect(existsSync(kubeconfig)).toBe(false);
});

test.each([
  [["--help"], 0, "Usage: npm start [-- OPTION...]"],
  [["--nothing"], 1, "Unknown option '--nothing'"],
  [["--cluster", "--control-plane"], 1, "--cluster and --control-plane: which of them?"],
])("%j is answered", async (args, code, text) => {
  const { exited, output } = start(...args);
  expect(await exited).toBe(code);
  expect(output()).toContain(text);
});
