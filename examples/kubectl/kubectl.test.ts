/** What the small kubectl says before it talks to a server; what it says after is compared with kubectl itself. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../../.build/examples/kubectl/kubectl.js", import.meta.url));

async function kubectl(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { out, err, code };
}

test.each([[[]], [["--help"]], [["get", "--help"]]])("%j tells what it can do", async (args) => {
  expect(await kubectl(...args)).toMatchObject({
    out: expect.stringMatching(/^Usage: kubectl COMMAND/),
    err: "",
    code: 0,
  });
});

test("a command that it has not is an error, whatever the options", async () => {
  const { out, err, code } = await kubectl("scale", "deploy", "web", "--replicas", "3");
  expect(out).toBe("");
  expect(err).toMatch(/^error: no command "scale"; the commands are: get, watch, apply,.*\n$/);
  expect(code).toBe(1);
});
