import { describe, expect, it } from "vitest";
import { joinServedApis, parseAggregatedDiscovery, parseGroupVersions, parseResourceList } from "./discovery.js";

const deployments = {
  group: "apps",
  version: "v1",
  plural: "deployments",
  kind: "Deployment",
  singular: "deployment",
  scope: "Namespaced",
  subresources: ["scale", "status"],
  verbs: ["create", "get"],
  shortNames: ["deploy"],
  categories: ["all"],
};

const aggregated = (version: object) => ({
  kind: "APIGroupDiscoveryList",
  apiVersion: "apidiscovery.k8s.io/v2",
  items: [{ metadata: { name: "apps" }, versions: [version] }],
});

const resource = {
  resource: "deployments",
  responseKind: { group: "apps", version: "v1", kind: "Deployment" },
  scope: "Namespaced",
  singularResource: "deployment",
  shortNames: ["deploy"],
  categories: ["all"],
  verbs: ["create", "get", "proxy"],
  subresources: [{ subresource: "status" }, { subresource: "scale", responseKind: { kind: "Scale" } }],
};

describe("aggregated discovery", () => {
  it("gives a descriptor for each kind, with its names", () => {
    const apis = parseAggregatedDiscovery(aggregated({ version: "v1", freshness: "Current", resources: [resource] }));
    expect(apis).toEqual({ kinds: [deployments], unavailable: [] });
    expect(Object.isFrozen(apis?.kinds[0])).toBe(true);
  });

  it("reports a version whose server does not answer, and believes nothing that it says", () => {
    expect(parseAggregatedDiscovery(aggregated({ version: "v1", freshness: "Stale", resources: [resource] }))).toEqual({
      kinds: [],
      unavailable: [{ group: "apps", version: "v1", message: "the server behind its APIService does not answer" }],
    });
  });

  it("names the singular after the kind where the server names none", () => {
    const { singularResource: _, ...nameless } = resource;
    const apis = parseAggregatedDiscovery(aggregated({ version: "v1", resources: [nameless] }));
    expect(apis?.kinds[0]?.singular).toBe("deployment");
  });

  it("leaves out a resource that has no kind", () => {
    const apis = parseAggregatedDiscovery(
      aggregated({ version: "v1", resources: [{ ...resource, responseKind: {} }] }),
    );
    expect(apis?.kinds).toEqual([]);
  });

  it.each([[{ kind: "APIGroupList", groups: [] }], [{ kind: "APIVersions" }], ["404 page not found"], [null]])(
    "is not %j",
    (document) => expect(parseAggregatedDiscovery(document)).toBeUndefined(),
  );
});

describe("the discovery of older servers", () => {
  it.each([
    ["the core group's versions", { kind: "APIVersions", versions: ["v1"] }, [{ group: "", version: "v1" }]],
    [
      "each group's versions, the preferred first",
      {
        kind: "APIGroupList",
        groups: [
          { name: "a", versions: [{ version: "v1" }, { version: "v2" }], preferredVersion: { version: "v2" } },
          { name: "b", versions: [{ version: "v1" }] },
        ],
      },
      [
        { group: "a", version: "v2" },
        { group: "a", version: "v1" },
        { group: "b", version: "v1" },
      ],
    ],
    ["nothing of another document", { kind: "Status" }, undefined],
    ["nothing of a text", "404 page not found", undefined],
  ])("names %s", (_title, document, versions) => expect(parseGroupVersions(document)).toEqual(versions));

  it("gives the same descriptors, subresources gathered at their kind", () => {
    const document = {
      kind: "APIResourceList",
      groupVersion: "apps/v1",
      resources: [
        {
          name: "deployments",
          singularName: "deployment",
          namespaced: true,
          kind: "Deployment",
          verbs: ["create", "get"],
          shortNames: ["deploy"],
          categories: ["all"],
        },
        { name: "deployments/scale", singularName: "", namespaced: true, kind: "Scale", verbs: ["get"] },
        { name: "deployments/status", singularName: "", namespaced: true, kind: "Deployment", verbs: ["get"] },
      ],
    };
    expect(parseResourceList(document, { group: "apps", version: "v1" })).toEqual({
      kinds: [deployments],
      unavailable: [],
    });
    expect(parseResourceList({ kind: "Status" }, { group: "apps", version: "v1" })).toBeUndefined();
  });
});

it("parts are joined in order", () => {
  const part = (version: string) => ({ kinds: [], unavailable: [{ group: "a", version, message: "gone" }] });
  expect(joinServedApis([part("v1"), part("v2")]).unavailable.map(({ version }) => version)).toEqual(["v1", "v2"]);
});
