/** What people type: runs of kubectl whose output must be the same on every API server. Each goes on from the one before. */

/** One run of kubectl. */
export interface Command {
  /** As typed, without `kubectl`; split at blanks, but for what stands in single quotes. */
  readonly line: string;
  readonly stdin?: string;
  /** For `edit`: a sed expression that the editor runs over its file. */
  readonly edit?: string;
  /** The output is prose about kinds, which our server does not borrow: only names and types are compared. */
  readonly hasDescriptions?: true;
}

const json = (object: unknown): string => JSON.stringify(object);

const configMap = (
  name: string,
  data: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>> = {},
) => json({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels }, data });

const deployment = (image: string, extra: Readonly<Record<string, unknown>> = {}) =>
  json({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "web", image, ports: [{ containerPort: 80 }] }] },
      },
      ...extra,
    },
  });

const widgetDefinition = json({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "widgets.parity.example.dev" },
  spec: {
    group: "parity.example.dev",
    scope: "Namespaced",
    names: { plural: "widgets", singular: "widget", kind: "Widget", shortNames: ["wd"], categories: ["all"] },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        additionalPrinterColumns: [
          { name: "Size", type: "integer", jsonPath: ".spec.size" },
          { name: "Color", type: "string", jsonPath: ".spec.color", priority: 1 },
          { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
        ],
        selectableFields: [{ jsonPath: ".spec.color" }],
        subresources: {
          status: {},
          scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" },
        },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: {
                type: "object",
                required: ["color"],
                properties: {
                  color: { type: "string", enum: ["red", "blue"] },
                  size: { type: "integer", minimum: 0, default: 1 },
                  ports: {
                    type: "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    items: {
                      type: "object",
                      required: ["name"],
                      properties: { name: { type: "string" }, port: { type: "integer" } },
                    },
                  },
                },
              },
              status: { type: "object", properties: { size: { type: "integer" } } },
            },
          },
        },
      },
    ],
  },
});

const widget = (name: string, spec: Readonly<Record<string, unknown>>) =>
  json({ apiVersion: "parity.example.dev/v1", kind: "Widget", metadata: { name }, spec });

const lines = (...all: readonly string[]): readonly Command[] => all.map((line) => ({ line }));

const about: readonly Command[] = [
  ...lines(
    "version",
    "cluster-info",
    "api-versions",
    "api-resources",
    "api-resources -o wide --sort-by=name",
    "api-resources -o name --namespaced=false",
    "api-resources --api-group=apps --no-headers",
    "api-resources --verbs=deletecollection -o name",
    "auth whoami",
    "auth whoami -o yaml",
    "auth can-i create pods",
    "auth can-i delete nodes --all-namespaces",
    "auth can-i get pods --subresource=log",
    "auth can-i get /healthz",
    "get --raw /readyz",
    "get --raw /healthz",
    "get --raw /nothing/here",
    "get nothing",
  ),
  { line: "explain configmap", hasDescriptions: true },
  { line: "explain deployment.spec.template.spec.containers", hasDescriptions: true },
  { line: "explain deployment.spec.strategy --recursive", hasDescriptions: true },
  { line: "explain pods.spec.nothing", hasDescriptions: true },
  { line: "explain cronjob.spec.concurrencyPolicy", hasDescriptions: true },
];

const creating: readonly Command[] = [
  ...lines(
    "create namespace parity",
    "create namespace parity",
    "get namespace parity -o yaml",
    "wait --for=create configmap/kube-root-ca.crt -n parity --timeout=30s",
    "wait --for=create serviceaccount/default -n parity --timeout=30s",
    "get all",
    "create configmap literal --from-literal=a=1 --from-literal=b=two",
    "create configmap literal",
    "create configmap Bad_Name",
    "create secret generic password --from-literal=password=sesame",
    "create secret tls keys --cert=/nowhere --key=/nowhere",
    "create serviceaccount robot",
    "create role reader --verb=get,list --resource=pods,pods/status",
    "create rolebinding readers --role=reader --serviceaccount=parity:robot --group=people",
    "create clusterrole parity-reader --verb=get --resource=nodes --non-resource-url=/healthz --dry-run=server",
    "create deployment web --image=example.dev/web:1 --replicas=0 --port=80 --dry-run=server -o yaml",
    "create service clusterip web --tcp=80:8080",
    "create service externalname outside --external-name=example.dev",
    "create ingress web --rule=example.dev/path*=web:80",
    "create poddisruptionbudget web --selector=app=web --min-available=1",
    "create priorityclass parity-high --value=1000",
    "create quota limits --hard=pods=5 --dry-run=server -o yaml",
    "create job once --image=example.dev/once:1 --dry-run=server -o jsonpath='{.spec.template.spec.restartPolicy}'",
    "create cronjob daily --image=example.dev/daily:1 --schedule='0 0 * * *'",
    "create cronjob daily --image=example.dev/daily:1 --schedule='often'",
    "create token robot",
    "run one --image=example.dev/one:1 --restart=Never --dry-run=server -o yaml",
  ),
  { line: "create -f -", stdin: configMap("a", { x: "1" }, { app: "web", tier: "front" }) },
  { line: "create -f -", stdin: configMap("a", { x: "1" }) },
  { line: "create -f - --save-config -o name", stdin: configMap("b", { x: "2" }, { app: "web", tier: "back" }) },
  { line: "create -f -", stdin: "kind: ConfigMap\napiVersion: v1\nmetadata:\n  generateName: c-\n" },
  { line: "create -f -", stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad"},"datta":{}}' },
  {
    line: "create -f - --validate=warn",
    stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"warned"},"datta":{}}',
  },
  { line: "create -f -", stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad"},"data":{"a":1}}' },
  { line: "create -f -", stdin: '{"apiVersion":"example.dev/v1","kind":"Nothing","metadata":{"name":"a"}}' },
  { line: "create -f -", stdin: "- not\n- an object\n" },
  {
    line: "create -f -",
    stdin: deployment("example.dev/web:1", { paused: true, replicas: -1, selector: { matchLabels: { app: "x" } } }),
  },
];

const reading: readonly Command[] = lines(
  "get configmaps",
  "get cm a b -o name",
  "get cm/a secret/password",
  "get cm a nothing",
  "get configmap a -o yaml",
  "get configmap a -o json",
  "get configmap a -o yaml --show-managed-fields",
  "get cm a -o jsonpath='{.data.x}{\"\\n\"}{.metadata.labels}'",
  "get cm -o custom-columns=NAME:.metadata.name,X:.data.x",
  "get cm -o go-template='{{range .items}}{{.metadata.name}} {{end}}' -l app=web",
  "get cm -l app=web,tier!=back",
  "get cm -l 'tier in (front,back)' --show-labels",
  "get cm -l '!app' -o name",
  "get cm -l 'a===b'",
  "get cm --field-selector metadata.name=a",
  "get cm --field-selector metadata.name!=a -o name",
  "get cm --field-selector spec.x=1",
  "get cm --sort-by=.metadata.name -L app",
  "get cm --chunk-size=1 -o name",
  "get cm -A --field-selector metadata.name=kube-root-ca.crt --no-headers -o name",
  "get secrets",
  "get secret password -o wide",
  "get sa",
  "get role,rolebinding -o wide",
  "get rolebinding readers -o yaml",
  "get ingress",
  "get pdb",
  "get cronjob -o wide",
  "get priorityclass parity-high",
  "get service outside",
  "get service outside -o yaml",
  "get services -o wide",
  "get events --field-selector reason=Nothing",
  "get namespaces parity",
  "get namespaces --field-selector status.phase=Active -o name",
  "get nodes",

  "describe configmap a",
  "describe secret password",
  "describe serviceaccount robot",
  "describe role reader",
  "describe rolebinding readers",
  "describe ingress web",
  "describe service outside",
  "describe priorityclass parity-high",
  "describe namespace parity",
  "describe configmap nothing",
);

const applying: readonly Command[] = [
  { line: "apply -f -", stdin: configMap("applied", { a: "1", b: "1" }) },
  { line: "apply -f -", stdin: configMap("applied", { a: "1", b: "1" }) },
  { line: "apply -f - --dry-run=server", stdin: configMap("applied", { a: "2" }) },
  { line: "diff -f -", stdin: configMap("applied", { a: "2" }) },
  { line: "apply -f -", stdin: configMap("applied", { a: "2" }) },
  { line: "get cm applied -o yaml --show-managed-fields" },
  { line: "apply view-last-applied configmap/applied" },
  { line: "apply -f - -o yaml", stdin: configMap("a", { x: "9" }) },
  { line: "apply -f -", stdin: `${configMap("one", {})}\n---\n${configMap("two", {})}` },
  { line: "apply -f - -l app=none --prune", stdin: configMap("three", {}, { app: "none" }) },
  { line: "apply --server-side -f -", stdin: configMap("served", { a: "1" }) },
  { line: "apply --server-side -f -", stdin: configMap("served", { a: "1" }) },
  { line: "apply --server-side -f - --field-manager=other", stdin: configMap("served", { a: "2" }) },
  { line: "apply --server-side -f - --field-manager=other --force-conflicts", stdin: configMap("served", { a: "2" }) },
  { line: "apply --server-side -f -", stdin: configMap("applied", { a: "3" }) },
  { line: "get cm served applied -o yaml --show-managed-fields" },
  { line: "diff --server-side -f -", stdin: configMap("served", { a: "2", c: "3" }) },
  { line: "apply -f -", stdin: configMap("Not_Good", {}) },
  { line: "apply -f -", stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{},"more":1}' },
  { line: "replace -f -", stdin: configMap("a", { x: "10" }, { app: "web" }) },
  { line: "replace -f -", stdin: configMap("nothing", {}) },
  { line: "replace --force -f -", stdin: configMap("a", { x: "11" }, { app: "web" }) },
  { line: "edit configmap a", edit: 's/x: "11"/x: "12"/' },
  { line: "edit configmap a", edit: "s/nothing/nothing/" },
  { line: "get cm a -o jsonpath='{.data.x}'" },
];

const changing: readonly Command[] = lines(
  `patch cm a -p '{"data":{"y":"1"}}'`,
  `patch cm a -p '{"data":{"y":"1"}}'`,
  `patch cm a --type=merge -p '{"data":{"x":null}}' -o jsonpath={.data}`,
  `patch cm a --type=json -p '[{"op":"add","path":"/data/z","value":"2"}]'`,
  `patch cm a --type=json -p '[{"op":"test","path":"/data/z","value":"3"}]'`,
  `patch cm a --type=json -p '[{"op":"remove","path":"/data/nothing"}]'`,
  `patch cm a -p '{"data":{"y":1}}'`,
  `patch cm a -p '{"metadata":{"name":"b"}}'`,
  `patch cm nothing -p '{}'`,
  "label cm a stage=dev",
  "label cm a stage=dev",
  "label cm a stage=prod",
  "label cm a stage=prod --overwrite",
  "label cm a stage-",
  "label cm a nothing-",
  "label cm a 'bad label=x'",
  "label cm -l app=web team=blue",
  "annotate cm a note='two words'",
  "annotate cm a note-",
  "annotate cm --all seen=yes -o name",
  "get cm a -o yaml",
);

const deploying: readonly Command[] = [
  { line: "apply -f -", stdin: deployment("example.dev/web:1") },
  { line: "apply -f -", stdin: deployment("example.dev/web:1") },
  ...lines(
    "wait --for=create deployment/web --timeout=10s",
    "get deployment web -o name",
    "set image deployment/web web=example.dev/web:2",
    "set image deployment/web nothing=example.dev/web:2",
    "set env deployment/web A=b C=d",
    "set resources deployment/web -c=web --limits=cpu=200m,memory=512Mi",
    "set serviceaccount deployment web robot",
    "get deployment web -o jsonpath='{.spec}'",
    "scale deployment web --replicas=0",
    "scale deployment web --current-replicas=7 --replicas=1",
    "scale deployment nothing --replicas=1",
    "get --raw /apis/apps/v1/namespaces/parity/deployments/web/scale",
    "rollout pause deployment/web",
    "rollout pause deployment/web",
    "rollout resume deployment/web",
    "rollout restart deployment/web",
    "expose deployment web --port=80 --target-port=8080 --name=exposed",
    "get service exposed -o yaml",
    "describe service exposed",
    "autoscale deployment web --max=3 --cpu-percent=80",
    "get hpa web -o jsonpath='{.spec}'",
    `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"example.dev/side:1"}]}}}}'`,
    "get deployment web -o jsonpath='{.spec.template.spec.containers[*].name}'",
    `patch deployment web --type=json -p '[{"op":"replace","path":"/spec/selector/matchLabels/app","value":"other"}]'`,
    `patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","imagePullPolicy":"Whenever"}]}}}}'`,
    "delete deployment web --cascade=orphan",
    "delete hpa,service --all",
  ),
];

const custom: readonly Command[] = [
  { line: "apply -f -", stdin: widgetDefinition },
  ...lines(
    "wait --for=condition=Established crd/widgets.parity.example.dev --timeout=30s",
    "get crd widgets.parity.example.dev -o name",
    "get crd widgets.parity.example.dev -o jsonpath='{.status.acceptedNames}{.status.storedVersions}'",
    "api-resources --api-group=parity.example.dev",
    "api-resources --api-group=parity.example.dev -o wide",
  ),
  { line: "apply -f -", stdin: widget("one", { color: "red" }) },
  { line: "apply -f -", stdin: widget("one", { color: "red", size: 2, ports: [{ name: "a", port: 1 }] }) },
  {
    line: "apply --server-side -f - --field-manager=other",
    stdin: widget("one", { color: "red", ports: [{ name: "b" }] }),
  },
  { line: "create -f -", stdin: widget("two", { color: "blue", size: 3 }) },
  { line: "create -f -", stdin: widget("bad", { color: "green", size: -1 }) },
  { line: "create -f -", stdin: widget("bad", { size: "x" }) },
  { line: "create -f -", stdin: widget("bad", { color: "red", bogus: true }) },
  { line: "create -f - --validate=false", stdin: widget("pruned", { color: "red", bogus: true }) },
  ...lines(
    "get widgets",
    "get wd -o wide",
    "get widget one -o yaml",
    // ReplicaSets are what a controller has made of the deployment.
    "get all -l 'app notin (web)'",
    "get widgets --field-selector spec.color=blue",
    "get widgets --field-selector spec.size=1",
    `patch widget one --type=merge -p '{"spec":{"size":5}}'`,
    `patch widget one -p '{"spec":{"size":5}}'`,
    `patch widget one --type=merge --subresource=status -p '{"status":{"size":5}}'`,
    "scale widget one --replicas=6",
    "get widget one --subresource=scale -o yaml",
    "get widget one --subresource=status -o jsonpath='{.status}'",
    "wait widget/one --for=jsonpath='{.spec.size}'=6 --timeout=10s",
    "wait widget/two --for=condition=Ready --timeout=1s",
    "describe widget one",
    "label widget one a=b",
  ),
  { line: "explain widget", hasDescriptions: true },
  { line: "explain widget.spec --recursive", hasDescriptions: true },
  ...lines("delete widget two", "delete crd widgets.parity.example.dev", "get widgets"),
];

const object = (apiVersion: string, kind: string, name: string, rest: Readonly<Record<string, unknown>> = {}) =>
  json({ apiVersion, kind, metadata: { name }, ...rest });

const labels = { app: "others" };
const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "example.dev/c:1" }] } };
const workload = { selector: { matchLabels: labels }, template };

const others: readonly Command[] = [
  ...lines(
    "run one --image=example.dev/one:1 --restart=Never --labels=app=one --env=A=b --port=80",
    "get pods",
    "get pods -o wide --show-labels",
    "get pod one -o jsonpath='{.status.phase} {.status.qosClass} {.spec.tolerations[*].key}'",
    "get pods --field-selector=status.phase=Pending -o name",
    "get pods --field-selector=spec.nodeName=x -o name",
    "logs one",
    "exec one -- ls",
    "attach one",
    "set image pod/one one=example.dev/one:2",
    "wait pod/one --for=condition=Ready --timeout=1s",
    "wait pod/one --for=jsonpath='{.status.phase}'=Pending --timeout=5s",
    "delete pod one --now",
    "get pods",
    'run two --image=example.dev/two:1 --overrides=\'{"spec":{"nodeName":"nowhere"}}\'',
    "delete pod two --force --grace-period=0",
  ),
  { line: "create -f -", stdin: object("v1", "Pod", "bad", { spec: { containers: [] } }) },
  { line: "create -f -", stdin: object("v1", "Pod", "bad", { spec: { containers: [{ name: "A", image: "" }] } }) },
  {
    line: "create -f -",
    stdin: object("v1", "Pod", "bad", {
      spec: {
        containers: [
          { name: "a", image: "x", ports: [{ containerPort: 70_000 }], resources: { limits: { cpu: "lots" } } },
        ],
      },
    }),
  },
  { line: "create -f -", stdin: object("v1", "Node", "parity-node") },
  ...lines("cordon parity-node", "uncordon parity-node", "label node parity-node a=b", "delete node parity-node"),
  {
    line: "create -f -",
    stdin: object("apps/v1", "StatefulSet", "db", { spec: { replicas: 0, serviceName: "db", ...workload } }),
  },
  { line: "create -f -", stdin: object("apps/v1", "DaemonSet", "agent", { spec: workload }) },
  { line: "create -f -", stdin: object("apps/v1", "ReplicaSet", "set", { spec: { replicas: 0, ...workload } }) },
  {
    line: "create -f -",
    stdin: object("apps/v1", "StatefulSet", "bad", { spec: { ...workload, serviceName: "db", selector: {} } }),
  },
  ...lines(
    "get statefulset db",
    "get statefulset db -o wide",
    "get daemonset agent -o wide",
    "get replicaset set -o wide",
    "get statefulset db -o jsonpath='{.spec}'",
    "get daemonset agent -o jsonpath='{.spec}'",
    "scale statefulset db --replicas=0",
    "create job --from=cronjob/daily by-hand",
    "create job bad --image=example.dev/x:1 --dry-run=server -o jsonpath='{.spec}'",
    "get cronjob daily -o jsonpath='{.spec}'",
    `patch cronjob daily -p '{"spec":{"suspend":true,"concurrencyPolicy":"Sometimes"}}'`,
    `patch cronjob daily -p '{"spec":{"suspend":true}}'`,
    "get cronjob daily",
  ),
  {
    line: "create -f -",
    stdin: object("v1", "PersistentVolumeClaim", "disk", {
      spec: { accessModes: ["ReadWriteOnce"], storageClassName: "none", resources: { requests: { storage: "1Gi" } } },
    }),
  },
  {
    line: "create -f -",
    stdin: object("storage.k8s.io/v1", "StorageClass", "parity", { provisioner: "example.dev/none" }),
  },
  {
    line: "create -f -",
    stdin: object("networking.k8s.io/v1", "NetworkPolicy", "closed", {
      spec: { podSelector: { matchLabels: labels } },
    }),
  },
  {
    line: "create -f -",
    stdin: object("v1", "PersistentVolume", "parity", {
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        hostPath: { path: "/x" },
        storageClassName: "other",
      },
    }),
  },
  {
    line: "create -f -",
    stdin: object("v1", "LimitRange", "limits", { spec: { limits: [{ type: "Pod", max: { cpu: "2" } }] } }),
  },
  { line: "create -f -", stdin: object("coordination.k8s.io/v1", "Lease", "held", { spec: { holderIdentity: "me" } }) },
  { line: "create -f -", stdin: object("v1", "Service", "bad", { spec: { ports: [] } }) },
  { line: "create -f -", stdin: object("v1", "Secret", "bad", { data: { a: "not base64!" } }) },
  {
    line: "create -f -",
    stdin: object("networking.k8s.io/v1", "Ingress", "bad", { spec: { rules: [{ http: { paths: [] } }] } }),
  },
  {
    line: "create -f -",
    stdin: object("rbac.authorization.k8s.io/v1", "RoleBinding", "bad", { roleRef: { kind: "Role", name: "x" } }),
  },
  {
    line: "auth reconcile -f -",
    stdin: object("rbac.authorization.k8s.io/v1", "Role", "reader", {
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["watch"] }],
    }),
  },
  ...lines(
    "get pvc disk",
    "get pv parity -o jsonpath='{.spec}'",
    "get storageclass parity",
    "describe storageclass parity",
    "get networkpolicy closed",
    "describe networkpolicy closed",
    "get limitrange limits -o yaml",
    "describe limitrange limits",
    "get lease held",
    "get role reader -o jsonpath='{.rules}'",
    "create service nodeport ported --tcp=80:80 --node-port=30123",
    "get service ported",
    "create service nodeport again --tcp=80:80 --node-port=30123",
    "create service loadbalancer balanced --tcp=80:80",
    "get service balanced -o jsonpath='{.spec.type} {.spec.allocateLoadBalancerNodePorts} {.spec.externalTrafficPolicy}'",
    `patch service ported --type=merge -p '{"spec":{"clusterIP":"10.0.0.99"}}'`,
    `patch secret password --type=merge -p '{"type":"other"}'`,
    `patch cm a --type=merge -p '{"immutable":true}'`,
    `patch cm a --type=merge -p '{"data":{"y":"changed"}}'`,
    "delete service,networkpolicy,limitrange,lease,statefulset,daemonset,job --all",
    "delete replicaset set",
    "delete storageclass parity",
    // What protects them from deletion is a controller's.
    "delete pvc disk --wait=false",
    "delete pv parity --wait=false",
  ),
];

const deleting: readonly Command[] = [
  ...lines(
    "delete cm nothing",
    "delete cm nothing --ignore-not-found",
    "delete cm b --dry-run=server",
    "delete cm b",
    "delete cm -l app=none",
    "wait --for=delete cm/b --timeout=10s",
    "delete cm/one secret/password -o name",
  ),
  {
    line: "create -f -",
    stdin: configMap("held", {}).replace('"labels"', '"finalizers":["example.dev/hold"],"labels"'),
  },
  ...lines(
    "delete cm held --wait=false",
    "get cm held -o jsonpath='{.metadata.deletionGracePeriodSeconds} {.metadata.finalizers}'",
    "delete cm held --timeout=1s",
    `patch cm held --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'`,
    "get cm held",
    "delete cm literal --cascade=foreground",
    "delete sa robot --now",
    "delete role,rolebinding,pdb,ingress,cronjob --all",
    "delete priorityclass parity-high",
    "delete namespace parity",
    "get namespace parity",
    "delete namespace kube-system",
  ),
];

/** All of them, in order. */
export const commands: readonly Command[] = [
  ...about,
  ...creating,
  ...reading,
  ...applying,
  ...changing,
  ...deploying,
  ...custom,
  ...others,
  ...deleting,
];

/** Cuts a line into arguments. */
export function argumentsOf(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|[^ '])+/g) ?? [];
  return words.map((word) => word.replaceAll("'", ""));
}
