/** A kind that goes from code to the real API server and back. */

import * as z from "zod";
import { customResource } from "../../src/schema/index.js";

export const Machine = customResource({
  group: "example.dev",
  version: "v1",
  kind: "Machine",
  scope: "Namespaced",
  plural: "machines",
  description: "A machine.",
  spec: z.object({
    text: z.string().min(2),
    count: z.int32().default(3),
    ratio: z.number().optional(),
    on: z.boolean(),
    color: z.enum(["red", "green"]),
    level: z.union([z.literal(1), z.literal(2)]).default(1),
    shade: z.enum(["dark", "light"]).nullable(),
    note: z.string().nullable().optional(),
    size: z.union([z.int(), z.string()]),
    labels: z.record(z.string(), z.string()),
    tags: z.array(z.string()).optional(),
    ports: z.array(z.object({ name: z.string(), number: z.int32().default(80) })),
    nested: z.object({ deep: z.object({ on: z.boolean().optional() }) }),
    anything: z.unknown().optional(),
  }),
  status: z.object({ observedGeneration: z.int().optional(), replicas: z.int() }),
  scale: { specReplicasPath: ".spec.count", statusReplicasPath: ".status.replicas" },
});
