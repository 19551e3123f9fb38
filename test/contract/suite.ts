/** Runs the contract as vitest tests over one server. */

import { stdout } from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Case } from "./case.js";
import { createGizmoDefinition, deleteGizmoDefinition } from "./gizmos.js";
import { Recorder } from "./recorder.js";
import { Server } from "./server.js";
import { createWidgetDefinition, deleteWidgetDefinition } from "./widgets.js";
import type { Wire } from "./wire.js";

/** A server to judge. */
export interface Target extends AsyncDisposable {
  readonly wire: Wire;
  /** The bearer token of an administrator who may do everything. */
  readonly token: string;
}

/** How to run the suite. */
export interface SuiteOptions {
  /** Starts the server, once. */
  readonly start: () => Promise<Target>;
  readonly cases: readonly Case[];
  /** How long the start may take. Default: vitest's `hookTimeout`. */
  readonly startTimeoutMs?: number | undefined;
}

// Every namespace of the cases is deleted at the end, which on a busy machine takes longer than a hook usually may.
const endTimeoutMs = 60_000;

/** Declares the contract's tests over a server: a `describe` of its name, with a test for each case. */
export function contractSuite(name: string, { start, cases, startTimeoutMs }: SuiteOptions): void {
  describe(`the contract, ${cases.length} cases, over ${name}`, () => {
    const record = Recorder.fromEnvironment(name);
    const namespaces: string[] = [];
    let passed = 0;
    let target: Target | undefined;

    /** Gives a case, or what comes before and after all of them, the server; a failure shows what was said last. */
    const withServer = async (id: string, run: Case["run"]): Promise<void> => {
      if (target === undefined) throw new Error("the server did not start");
      await using server = new Server(target.wire, target.token);
      try {
        await run(server);
      } catch (error) {
        if (error instanceof Error) error.message = `${error.message}\n\nThe last exchanges:\n${server.describe()}\n`;
        throw error;
      } finally {
        namespaces.push(...server.namespaces);
        await record?.write(id, server.exchanges);
      }
    };

    beforeAll(async () => {
      target = await start();
      await withServer("start", async (server) => {
        await createWidgetDefinition(server);
        await createGizmoDefinition(server);
      });
    }, startTimeoutMs);

    afterAll(async () => {
      stdout.write(`contract: ${passed} of ${cases.length} cases hold over ${name}\n`);
      if (target === undefined) return;
      try {
        await withServer("end", async (server) => {
          await deleteGizmoDefinition(server);
          await deleteWidgetDefinition(server);
          for (const namespace of namespaces) await server.delete(`/api/v1/namespaces/${namespace}`);
        });
      } finally {
        await target[Symbol.asyncDispose]();
      }
    }, endTimeoutMs);

    it("has no two cases of the same id", () => {
      const ids = cases.map(({ id }) => id);
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    });

    for (const { id, title, run } of cases) {
      it(`${id} ${title}`, { timeout: 30_000 }, async () => {
        await withServer(id, run);
        passed += 1;
      });
    }
  });
}
