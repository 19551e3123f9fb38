import { describe, expect, it } from "vitest";
import { type AnyKind, defineKind, type Scope } from "../kind.js";
import type { DeleteOptions } from "../options.js";
import { jsonPatch, mergePatch, strategicPatch } from "../patch.js";
import type { Target } from "./path.js";
import { type ApiRequest, formatUrl } from "./request.js";
import {
  applyRequest,
  createRequest,
  createSubresourceRequest,
  deleteCollectionRequest,
  deleteRequest,
  patchRequest,
  replaceRequest,
} from "./write.js";

/** `group/version/plural Kind`. */
function kindOf(text: string, scope: Scope = "Namespaced"): AnyKind {
  const [group = "", version = "", plural = "", kind = ""] = text.split(/[/ ]/);
  return defineKind()({ group, version, kind, plural, scope });
}

const Pod = kindOf("/v1/pods Pod");
const Node = kindOf("/v1/nodes Node", "Cluster");
const ReplicaSet = kindOf("apps/v1/replicasets ReplicaSet");
const Ingress = kindOf("networking.k8s.io/v1/ingresses Ingress");
const Foo = kindOf("clux.dev/v1/foos Foo");
const DaemonSetClusterWide = kindOf("apps/v1/daemonsets DaemonSet", "Cluster");
const Crd = kindOf("apiextensions.k8s.io/v1/customresourcedefinitions CustomResourceDefinition", "Cluster");

const named = (name: string) => ({ metadata: { name } });
const hidden = { metadata: { name: "doc" }, status: { hidden: true } };
const pods: Target = { kind: Pod, namespace: "ns" };
const node: Target = { kind: Node };

const json = "application/json";
const merge = "application/merge-patch+json";
const strategic = "application/strategic-merge-patch+json";
const apply = "application/apply-patch+yaml";
const partial = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

describe("create fills in what the descriptor knows", () => {
  it.each<[AnyKind, string | undefined, string]>([
    [kindOf("/v1/secrets Secret"), "ns", "/api/v1/namespaces/ns/secrets"],
    [ReplicaSet, "ns", "/apis/apps/v1/namespaces/ns/replicasets"],
    [kindOf("rbac.authorization.k8s.io/v1/roles Role"), "ns", "/apis/rbac.authorization.k8s.io/v1/namespaces/ns/roles"],
    [kindOf("batch/v1/cronjobs CronJob"), "ns", "/apis/batch/v1/namespaces/ns/cronjobs"],
    [
      kindOf("autoscaling/v1/horizontalpodautoscalers HorizontalPodAutoscaler"),
      "ns",
      "/apis/autoscaling/v1/namespaces/ns/horizontalpodautoscalers",
    ],
    [
      kindOf("networking.k8s.io/v1/networkpolicies NetworkPolicy"),
      "ns",
      "/apis/networking.k8s.io/v1/namespaces/ns/networkpolicies",
    ],
    [Ingress, "ns", "/apis/networking.k8s.io/v1/namespaces/ns/ingresses"],
    [
      kindOf("storage.k8s.io/v1/volumeattachments VolumeAttachment", "Cluster"),
      undefined,
      "/apis/storage.k8s.io/v1/volumeattachments",
    ],
    [
      kindOf(
        "admissionregistration.k8s.io/v1/validatingwebhookconfigurations ValidatingWebhookConfiguration",
        "Cluster",
      ),
      undefined,
      "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    ],
    [
      kindOf("authorization.k8s.io/v1/selfsubjectrulesreviews SelfSubjectRulesReview", "Cluster"),
      undefined,
      "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
    ],
    [Crd, undefined, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"],
    [Foo, "myns", "/apis/clux.dev/v1/namespaces/myns/foos"],
    [kindOf("/v1/services Service", "Cluster"), undefined, "/api/v1/services"],
  ])("$kind", (kind, namespace, url) => {
    const request = createRequest({ kind, namespace }, named("a"));
    const apiVersion = kind.group === "" ? "v1" : `${kind.group}/v1`;
    expect(wire(request)).toEqual({
      method: "POST",
      url,
      headers: { accept: json, "content-type": json },
      body: { apiVersion, kind: kind.kind, metadata: { name: "a" } },
    });
  });
});

interface Wire {
  readonly title: string;
  readonly request: () => ApiRequest;
  readonly expected: {
    readonly method: string;
    readonly url: string;
    readonly type?: string;
    readonly accept?: string;
    readonly body: unknown;
  };
}

describe("requests that write", () => {
  it.each<Wire>([
    {
      title: "create under a generated name, dry, strictly, as a manager",
      request: () =>
        createRequest(
          pods,
          { metadata: { generateName: "a-" } },
          { dryRun: true, manager: "me", fieldValidation: "Strict" },
        ),
      expected: {
        method: "POST",
        url: "/api/v1/namespaces/ns/pods?dryRun=All&fieldManager=me&fieldValidation=Strict",
        body: { apiVersion: "v1", kind: "Pod", metadata: { generateName: "a-" } },
      },
    },
    {
      title: "replace, dry",
      request: () => replaceRequest({ kind: DaemonSetClusterWide }, named("myds"), { dryRun: true }),
      expected: {
        method: "PUT",
        url: "/apis/apps/v1/daemonsets/myds?dryRun=All",
        body: { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "myds" } },
      },
    },
    {
      title: "replace of a status",
      request: () => replaceRequest({ ...node, subresource: "status" }, named("mynode")),
      expected: {
        method: "PUT",
        url: "/api/v1/nodes/mynode/status",
        body: { apiVersion: "v1", kind: "Node", metadata: { name: "mynode" } },
      },
    },
    {
      title: "replace of a custom kind's status",
      request: () => replaceRequest({ kind: Crd, subresource: "status" }, named("mycrd.domain.io")),
      expected: {
        method: "PUT",
        url: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/mycrd.domain.io/status",
        body: {
          apiVersion: "apiextensions.k8s.io/v1",
          kind: "CustomResourceDefinition",
          metadata: { name: "mycrd.domain.io" },
        },
      },
    },
    {
      title: "replace of a scale, which is a kind of its own",
      request: () => replaceRequest({ ...node, subresource: "scale" }, { kind: "Scale", ...named("mynode") }),
      expected: {
        method: "PUT",
        url: "/api/v1/nodes/mynode/scale",
        body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "mynode" } },
      },
    },
    {
      title: "a token of a service account",
      request: () =>
        createSubresourceRequest(
          { kind: kindOf("/v1/serviceaccounts ServiceAccount"), namespace: "ns", subresource: "token" },
          "sa",
          { body: { spec: {} } },
        ),
      expected: { method: "POST", url: "/api/v1/namespaces/ns/serviceaccounts/sa/token", body: { spec: {} } },
    },
    {
      title: "an eviction, dry",
      request: () =>
        createSubresourceRequest({ ...pods, subresource: "eviction" }, "foo", { body: named("foo"), dryRun: true }),
      expected: {
        method: "POST",
        url: "/api/v1/namespaces/ns/pods/foo/eviction?dryRun=All",
        body: { metadata: { name: "foo" } },
      },
    },
    {
      title: "merge patch of a status",
      request: () =>
        patchRequest({ ...node, subresource: "status" }, "mynode", { patch: mergePatch({ status: { a: null } }) }),
      expected: {
        method: "PATCH",
        url: "/api/v1/nodes/mynode/status",
        type: merge,
        body: { status: { a: null } },
      },
    },
    {
      title: "merge patch of a scale",
      request: () => patchRequest({ ...node, subresource: "scale" }, "mynode", { patch: mergePatch({}) }),
      expected: { method: "PATCH", url: "/api/v1/nodes/mynode/scale", type: merge, body: {} },
    },
    {
      title: "merge patch of metadata",
      request: () =>
        patchRequest({ ...pods, representation: "metadata" }, "mypod", { patch: mergePatch({ metadata: {} }) }),
      expected: {
        method: "PATCH",
        url: "/api/v1/namespaces/ns/pods/mypod",
        type: merge,
        accept: partial,
        body: { metadata: {} },
      },
    },
    {
      title: "merge patch of an ingress",
      request: () => patchRequest({ kind: Ingress, namespace: "ns" }, "baz", { patch: mergePatch({}) }),
      expected: {
        method: "PATCH",
        url: "/apis/networking.k8s.io/v1/namespaces/ns/ingresses/baz",
        type: merge,
        body: {},
      },
    },
    {
      title: "merge patch of a custom kind",
      request: () => patchRequest({ kind: Foo, namespace: "myns" }, "baz", { patch: mergePatch({}) }),
      expected: { method: "PATCH", url: "/apis/clux.dev/v1/namespaces/myns/foos/baz", type: merge, body: {} },
    },
    {
      title: "strategic merge patch",
      request: () => patchRequest(node, "mynode", { patch: strategicPatch({ spec: { unschedulable: true } }) }),
      expected: {
        method: "PATCH",
        url: "/api/v1/nodes/mynode",
        type: strategic,
        body: { spec: { unschedulable: true } },
      },
    },
    {
      title: "JSON patch",
      request: () => patchRequest(node, "mynode", { patch: jsonPatch([{ op: "remove", path: "/spec/taints" }]) }),
      expected: {
        method: "PATCH",
        url: "/api/v1/nodes/mynode",
        type: "application/json-patch+json",
        body: [{ op: "remove", path: "/spec/taints" }],
      },
    },
    ...(["Ignore", "Warn", "Strict"] as const).map(
      (fieldValidation): Wire => ({
        title: `patch with the field validation ${fieldValidation}`,
        request: () => patchRequest(node, "mynode", { patch: mergePatch({}), fieldValidation }),
        expected: {
          method: "PATCH",
          url: `/api/v1/nodes/mynode?fieldValidation=${fieldValidation}`,
          type: merge,
          body: {},
        },
      }),
    ),
    {
      title: "apply",
      request: () => applyRequest(pods, named("a"), { manager: "me" }),
      expected: {
        method: "PATCH",
        url: "/api/v1/namespaces/ns/pods/a?fieldManager=me",
        type: apply,
        body: { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } },
      },
    },
    {
      title: "apply with every option, in order",
      request: () =>
        applyRequest(pods, named("a"), { manager: "me", force: true, dryRun: true, fieldValidation: "Strict" }),
      expected: {
        method: "PATCH",
        url: "/api/v1/namespaces/ns/pods/a?dryRun=All&force=true&fieldManager=me&fieldValidation=Strict",
        type: apply,
        body: { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } },
      },
    },
    {
      title: "forced apply of a custom kind's status",
      request: () =>
        applyRequest(
          { kind: kindOf("kube.rs/v1/documents Document"), namespace: "default", subresource: "status" },
          hidden,
          { manager: "cntrlr", force: true },
        ),
      expected: {
        method: "PATCH",
        url: "/apis/kube.rs/v1/namespaces/default/documents/doc/status?force=true&fieldManager=cntrlr",
        type: apply,
        body: { apiVersion: "kube.rs/v1", kind: "Document", metadata: { name: "doc" }, status: { hidden: true } },
      },
    },
    {
      title: "options that are off are left out",
      request: () => applyRequest(pods, named("a"), { manager: "me", force: false, dryRun: false }),
      expected: {
        method: "PATCH",
        url: "/api/v1/namespaces/ns/pods/a?fieldManager=me",
        type: apply,
        body: { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } },
      },
    },
    {
      title: "delete",
      request: () => deleteRequest({ kind: ReplicaSet, namespace: "ns" }, "myrs"),
      expected: { method: "DELETE", url: "/apis/apps/v1/namespaces/ns/replicasets/myrs", body: {} },
    },
    {
      title: "delete of a collection",
      request: () =>
        deleteCollectionRequest({ kind: ReplicaSet, namespace: "ns" }, { labels: { app: "myapp" }, dryRun: true }),
      expected: {
        method: "DELETE",
        url: "/apis/apps/v1/namespaces/ns/replicasets?labelSelector=app%3Dmyapp",
        body: { dryRun: ["All"] },
      },
    },
    {
      title: "delete of everything in a namespace",
      request: () => deleteCollectionRequest(pods),
      expected: { method: "DELETE", url: "/api/v1/namespaces/ns/pods", body: {} },
    },
  ])("$title", ({ request, expected }) => {
    const { method, url, type = json, accept = json, body } = expected;
    expect(wire(request())).toEqual({ method, url, headers: { accept, "content-type": type }, body });
  });

  it.each<[DeleteOptions, string]>([
    [{}, "{}"],
    [{ dryRun: false, gracePeriodSeconds: undefined, preconditions: undefined }, "{}"],
    [{ dryRun: true }, '{"dryRun":["All"]}'],
    [{ gracePeriodSeconds: 0 }, '{"gracePeriodSeconds":0}'],
    [{ propagationPolicy: "Background" }, '{"propagationPolicy":"Background"}'],
    [{ propagationPolicy: "Foreground" }, '{"propagationPolicy":"Foreground"}'],
    [{ propagationPolicy: "Orphan" }, '{"propagationPolicy":"Orphan"}'],
    [{ preconditions: { resourceVersion: "5", uid: "u" } }, '{"preconditions":{"resourceVersion":"5","uid":"u"}}'],
  ])("delete options travel in the body: %j", (options, body) => {
    const request = deleteRequest(pods, "a", options);
    expect(JSON.stringify(request.body)).toBe(body);
    expect(request.query).toEqual([]);
  });

  it("leaves the object that it was given alone", () => {
    const object = Object.freeze({ metadata: Object.freeze({ name: "a" }), spec: null });
    const request = createRequest(pods, object);
    expect(request.body).toEqual({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: null });
    expect(object).toEqual({ metadata: { name: "a" }, spec: null });
    expect(Object.isFrozen(request)).toBe(true);
  });

  it("lets a kind that can only be created go without a name", () => {
    const kind = defineKind()({
      group: "authorization.k8s.io",
      version: "v1",
      kind: "SelfSubjectAccessReview",
      plural: "selfsubjectaccessreviews",
      scope: "Cluster",
      verbs: ["create"],
    });
    expect(createRequest({ kind }, {}).body).toEqual({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
    });
  });

  it("takes a manager of 128 bytes", () => {
    const manager = "é".repeat(64);
    expect(createRequest(pods, named("a"), { manager }).query).toEqual([["fieldManager", manager]]);
  });
});

describe("what makes no sense is refused before it is sent", () => {
  const longManager = "é".repeat(65);
  const tooLong = `a manager may have 128 bytes, but ${JSON.stringify(longManager)} has 130`;
  const elsewhere = { metadata: { name: "a", namespace: "other" } };
  const wrongNamespace = 'this handle writes into namespace "ns", but the Pod names "other": use .namespace("other")';

  it.each<[string, () => ApiRequest, string]>([
    [
      "create without any name",
      () => createRequest(pods, { metadata: {} }),
      "a new Pod needs metadata.name or metadata.generateName, and has neither",
    ],
    [
      "create with empty names",
      () => createRequest(pods, { metadata: { name: "", generateName: "" } }),
      "a new Pod needs metadata.name or metadata.generateName, and has neither",
    ],
    [
      "create without a namespace",
      () => createRequest({ kind: Pod }, named("a")),
      "pods live in namespaces, and none was given: choose one with .namespace(name)",
    ],
    [
      "create in a namespace of a cluster-scoped kind",
      () => createRequest({ kind: Node, namespace: "ns" }, named("a")),
      'Node is cluster scoped, but namespace "ns" was given: leave the namespace out',
    ],
    ["replace without a name", () => replaceRequest(pods, { metadata: {} }), "the name of a Pod must not be empty"],
    [
      "apply without a name",
      () => applyRequest(pods, { metadata: {} }, { manager: "me" }),
      "the name of a Pod must not be empty",
    ],
    ["delete of an empty name", () => deleteRequest(pods, ""), "the name of a Pod must not be empty"],
    [
      "delete of a name with a slash",
      () => deleteRequest(pods, "a/b"),
      'the name of a Pod must not be ".", ".." or contain "/" or "%", but is "a/b"',
    ],
    [
      "delete of a collection without a namespace",
      () => deleteCollectionRequest({ kind: Pod }),
      "pods live in namespaces, and none was given: choose one with .namespace(name)",
    ],
    [
      "eviction of an empty name",
      () => createSubresourceRequest(pods, "", { body: {} }),
      "the name of a Pod must not be empty",
    ],
    [
      "force of a merge patch",
      () => patchRequest(pods, "a", { patch: mergePatch({}), force: true }),
      'a merge patch of pods "a": force is for apply only, leave it out',
    ],
    [
      "force of a JSON patch",
      () => patchRequest(pods, "a", { patch: jsonPatch([]), force: true }),
      'a json patch of pods "a": force is for apply only, leave it out',
    ],
    [
      "apply without a manager",
      () => patchRequest(pods, "a", { patch: { type: "apply", body: {} } }),
      'an apply of pods "a" needs a manager, who will own the fields: { manager: "my-controller" }',
    ],
    [
      "apply with an empty manager",
      () => applyRequest(pods, named("a"), { manager: "" }),
      'an apply of pods "a" needs a manager, who will own the fields: { manager: "my-controller" }',
    ],
    ["create by a long manager", () => createRequest(pods, named("a"), { manager: longManager }), tooLong],
    ["replace by a long manager", () => replaceRequest(pods, named("a"), { manager: longManager }), tooLong],
    [
      "patch by a long manager",
      () => patchRequest(pods, "a", { patch: mergePatch({}), manager: longManager }),
      tooLong,
    ],
    ["apply by a long manager", () => applyRequest(pods, named("a"), { manager: longManager }), tooLong],
    [
      "create of another kind",
      () => createRequest(pods, { apiVersion: "v1", kind: "Node", ...named("a") }),
      "this handle writes v1 Pod, but the object is v1 Node: use the handle of its kind",
    ],
    [
      "apply of another kind that names no version",
      () => applyRequest(pods, { kind: "Node", ...named("a") }, { manager: "me" }),
      "this handle writes v1 Pod, but the object is v1 Node: use the handle of its kind",
    ],
    [
      "replace of another version",
      () => replaceRequest(pods, { apiVersion: "v2", kind: "Pod", ...named("a") }),
      "this handle writes v1 Pod, but the object is v2 Pod: use the handle of its kind",
    ],
    [
      "create of a cluster-scoped object that names a namespace",
      () => createRequest(node, { metadata: { name: "a", namespace: "ns" } }),
      'Node is cluster scoped, but the object names namespace "ns": leave metadata.namespace out',
    ],
    [
      "replace of a scale in another namespace",
      () => replaceRequest({ ...pods, subresource: "scale" }, elsewhere),
      wrongNamespace,
    ],
    [
      "replace of a scale by an object that is none",
      () => replaceRequest({ ...pods, subresource: "scale" }, { kind: "Pod", ...named("a") }),
      "this handle writes autoscaling/v1 Scale, but the object is autoscaling/v1 Pod: use the handle of its kind",
    ],
    [
      "delete of half a character",
      () => deleteRequest(pods, "a\ud83d"),
      'the name of a Pod has half a character (a lone surrogate), which cannot be sent: "a\\ud83d"',
    ],
    [
      "create in half a character",
      () => createRequest({ kind: Pod, namespace: "\ude00" }, named("a")),
      'a namespace has half a character (a lone surrogate), which cannot be sent: "\\ude00"',
    ],
    [
      "create by half a character",
      () => createRequest(pods, named("a"), { manager: "\ud83d" }),
      'a manager has half a character (a lone surrogate), which cannot be sent: "\\ud83d"',
    ],
    [
      "a JSON patch of a path that is none",
      () => patchRequest(pods, "a", { patch: { type: "json", body: [{ op: "remove", path: "/~" }] } }),
      'a json patch of pods "a": operation 0 (remove): path has a "~" that is neither "~0" nor "~1", in "/~": jsonPointer("metadata", "labels", key) escapes its steps',
    ],
    ["create in another namespace", () => createRequest(pods, elsewhere), wrongNamespace],
    ["replace in another namespace", () => replaceRequest(pods, elsewhere), wrongNamespace],
    ["apply in another namespace", () => applyRequest(pods, elsewhere, { manager: "me" }), wrongNamespace],
  ])("%s", (_title, build, message) => {
    expect(build).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });
});

function wire(request: ApiRequest) {
  return { method: request.method, url: formatUrl(request), headers: request.headers, body: request.body };
}

it("half a character in a query is refused too, and a whole one is sent", () => {
  expect(() => formatUrl({ path: "/api/v1/pods", query: [["labelSelector", "\ud83d"]] })).toThrow(
    'the parameter labelSelector of /api/v1/pods has half a character (a lone surrogate), which cannot be sent: "\\ud83d"',
  );
  expect(formatUrl({ path: "/api/v1/pods", query: [["a", "\ud83d\ude00"]] })).toBe("/api/v1/pods?a=%F0%9F%98%80");
});

it("a corrupt object can be removed by name", () => {
  const request = deleteRequest(pods, "a", { ignoreStoreReadErrorWithClusterBreakingPotential: true });
  expect(request.body).toEqual({ ignoreStoreReadErrorWithClusterBreakingPotential: true });
});
