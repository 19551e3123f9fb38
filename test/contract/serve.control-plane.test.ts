/** The contract over `kindred serve`, as users run it: a process of its own, over TLS, with its data on disk. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { startServe } from "../support/serve-process.js";
import { TempFolder } from "../support/temp-folder.js";
import { contract } from "./cases/index.js";
import { contractSuite } from "./suite.js";
import { httpWire } from "./wire.js";

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly "certificate-authority-data": string } },
  ];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
}

contractSuite("kindred serve", {
  cases: contract,
  start: async () => {
    const folder = await TempFolder.create();
    const served = await startServe({
      kubeconfig: join(folder.path, "kubeconfig"),
      args: ["--data", join(folder.path, "data")],
    });
    const kubeconfig = parse(await readFile(served.kubeconfig, "utf8")) as Kubeconfig;
    const { server, "certificate-authority-data": ca } = kubeconfig.clusters[0].cluster;
    const wire = httpWire({ url: server, ca: Buffer.from(ca, "base64").toString("utf8") });
    return {
      wire,
      token: kubeconfig.users[0].user.token,
      [Symbol.asyncDispose]: async () => {
        wire[Symbol.dispose]();
        await served.stop();
        await folder.remove();
      },
    };
  },
});
