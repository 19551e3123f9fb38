/** What the recording is made from: Deployments whose pods differ in size, and small ConfigMaps. No chance: each run gives the same. */

/** Eight Deployments of five pods; the pods of the first have one container, those of the last three. */
export function generatedDeployments() {
  return Array.from({ length: 8 }, (_, size) => {
    const labels = {
      app: `service-${size}`,
      "app.kubernetes.io/part-of": "bench",
      "app.kubernetes.io/managed-by": "deployer",
    };
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: `service-${size}` },
      spec: {
        replicas: 5,
        selector: { matchLabels: { app: `service-${size}` } },
        template: { metadata: { labels, annotations: annotations(size) }, spec: podSpec(size) },
      },
    };
  });
}

function annotations(size) {
  return {
    "prometheus.io/scrape": "true",
    "prometheus.io/port": "9090",
    "checksum/config": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ...Object.fromEntries(
      Array.from({ length: size }, (_, index) => [
        `example.dev/note-${index}`,
        JSON.stringify({
          revision: index,
          by: "pipeline",
          text: `rolled out with "build ${index}"\nand a second line`,
        }),
      ]),
    ),
  };
}

function podSpec(size) {
  return {
    terminationGracePeriodSeconds: 30,
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              labelSelector: { matchLabels: { app: `service-${size}` } },
              topologyKey: "topology.kubernetes.io/zone",
            },
          },
        ],
      },
    },
    securityContext: { runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 },
    volumes: [
      { name: "config", configMap: { name: `service-${size}`, optional: true } },
      { name: "scratch", emptyDir: { sizeLimit: "1Gi" } },
    ],
    containers: Array.from({ length: 1 + Math.floor(size / 3) }, (_, index) => container(index, size)),
  };
}

function container(index, size) {
  return {
    name: index === 0 ? "main" : `sidecar-${index}`,
    image: `registry.example.dev/team/service-${index}:1.${size}.0`,
    args: ["--listen=:8080", "--log-format=json", `--shard=${size}`],
    ports: [
      { name: `http-${index}`, containerPort: 8080 + index },
      { name: `metrics-${index}`, containerPort: 9090 + index },
    ],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      ...Array.from({ length: 2 + size }, (_, n) => ({
        name: `SETTING_${n}`,
        value: `https://service-${n}.example.svc.cluster.local:8443/v1`,
      })),
    ],
    resources: { requests: { cpu: "1m", memory: "1Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: "config", mountPath: "/etc/service" },
      { name: "scratch", mountPath: "/tmp" },
    ],
  };
}

/** A small ConfigMap, its name as long as any other's. */
export function generatedConfigMap(index) {
  return {
    name: `config-of-team-${String(index).padStart(4, "0")}`,
    data: { "settings.json": JSON.stringify({ index, level: "info", shards: [1, 2, 3] }), mode: "standard" },
  };
}
