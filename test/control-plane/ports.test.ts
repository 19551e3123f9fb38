/** Ports, without a control plane. */

import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { freePorts, isFree, returnPorts } from "./ports.js";

it("hands out ports that nothing listens on, none twice, outside the range of outgoing connections", async () => {
  const [port = 0] = await freePorts(1);
  returnPorts([port]);
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  expect(await isFree(port)).toBe(false);
  const ports = [...(await freePorts(20)), ...(await freePorts(20))];
  expect(new Set(ports).size).toBe(40);
  expect(ports).not.toContain(port);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  server.close();
  await once(server, "close");
  expect(await isFree(port)).toBe(true);
  returnPorts(ports);
});

it("says so when there are not enough", async () => {
  await expect(freePorts(20_000)).rejects.toThrow(
    "cannot find 20000 free ports between 20000 and 32767: end what listens on them",
  );
});
