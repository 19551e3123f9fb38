import { expect, it } from "vitest";
import { pluralOf } from "./plural.js";

it.each([
  ["Pod", "pods"],
  ["ConfigMapGenerator", "configmapgenerators"],
  ["ComponentStatus", "componentstatuses"],
  ["CSIStorageCapacity", "csistoragecapacities"],
  ["EndpointSlice", "endpointslices"],
  ["Ingress", "ingresses"],
  ["IngressClass", "ingressclasses"],
  ["NetworkPolicy", "networkpolicies"],
  ["PriorityClass", "priorityclasses"],
  ["Lease", "leases"],
  ["APIService", "apiservices"],
  ["Gateway", "gateways"],
  ["Box", "boxes"],
  ["Match", "matches"],
  ["Mesh", "meshes"],
  ["Quiz", "quizes"],
])("the plural of %s is %s", (kind, plural) => {
  expect(pluralOf(kind)).toBe(plural);
});
