/** The contract on the server that kindred embeds, over HTTP on this machine. */

import { ApiServer } from "../../src/testing/index.js";
import { listen } from "../../src/testing/node/listener.js";
import { contract } from "./cases/index.js";
import { contractSuite } from "./suite.js";
import { httpWire } from "./wire.js";

const token = "contract";

contractSuite("the embedded server", {
  cases: contract,
  start: async () => {
    const server = new ApiServer({ token });
    const listener = await listen((request) => server.handle(request));
    const wire = httpWire({ url: listener.url });
    return {
      wire,
      token,
      [Symbol.asyncDispose]: async () => {
        wire[Symbol.dispose]();
        server.close();
        await listener[Symbol.asyncDispose]();
      },
    };
  },
});
