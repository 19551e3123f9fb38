/** The contract on the server that kindred embeds, with its controllers, over HTTP on this machine. */

import { startControllers } from "../../src/testing/cluster/index.js";
import { type ApiRequest, ApiServer, machineClock } from "../../src/testing/index.js";
import { listen } from "../../src/testing/node/listener.js";
import { contract } from "./cases/index.js";
import { contractSuite } from "./suite.js";
import { httpWire } from "./wire.js";

const token = "contract";

contractSuite("the embedded server", {
  cases: contract,
  start: async () => {
    const server = new ApiServer({ token });
    const as = (authorization: string, request: ApiRequest) => ({
      ...request,
      headers: { authorization, ...request.headers },
    });
    const controllers = startControllers({
      handle: (request) => server.handle(as(`Bearer ${token}`, request)),
      clock: { ...machineClock, date: () => new Date() },
      rootCa: "of no use: this server speaks no TLS",
    });
    // Whoever says nothing of who he is must not be taken for a controller.
    const listener = await listen((request) => controllers.handle(as("", request)));
    const wire = httpWire({ url: listener.url });
    return {
      wire,
      token,
      [Symbol.asyncDispose]: async () => {
        wire[Symbol.dispose]();
        await listener[Symbol.asyncDispose]();
        await controllers[Symbol.asyncDispose]();
        server.close();
      },
    };
  },
});
