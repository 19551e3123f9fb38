/** The small objects that cases create. */

/** The path of a namespace's collection of a core resource, or of one object of it. */
export function core(namespace: string, resource: string, name?: string): string {
  return `/api/v1/namespaces/${namespace}/${resource}${name === undefined ? "" : `/${name}`}`;
}

/** The path of a namespace's ConfigMaps, or of one. */
export function configMaps(namespace: string, name?: string): string {
  return core(namespace, "configmaps", name);
}

/** The path of a namespace's PodTemplates, or of one: real clusters put none there themselves, so that they can be counted. */
export function podTemplates(namespace: string, name?: string): string {
  return core(namespace, "podtemplates", name);
}

/** The path of a namespace's Deployments, or of one. */
export function deployments(namespace: string, name?: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments${name === undefined ? "" : `/${name}`}`;
}

/** A ConfigMap. */
export function configMap(name: string, data?: Readonly<Record<string, string>>, metadata: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...metadata },
    ...(data === undefined ? {} : { data }),
  };
}

/** A PodTemplate of one container for each name. */
export function podTemplate(name: string, metadata: object = {}, containers: readonly string[] = ["c"]): object {
  return {
    apiVersion: "v1",
    kind: "PodTemplate",
    metadata: { name, ...metadata },
    template: { spec: { containers: containers.map((container) => ({ name: container, image: "example.test/old" })) } },
  };
}

/** A Deployment without replicas, so that no controller makes anything of it. */
export function deployment(name: string, spec: object = {}): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "c", image: "example.test/image" }] },
      },
      ...spec,
    },
  };
}
