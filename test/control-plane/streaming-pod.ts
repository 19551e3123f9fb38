/** Pods for the node whose containers are processes of this machine. */

/** What a pod of `streaming-node` runs. */
export interface StreamingContainer {
  /** Default `main`. */
  readonly name?: string;
  /** Program and arguments, found on this machine. Default: sleep. */
  readonly command?: readonly string[];
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
}

/**
 * A pod for `startControlPlane({ streaming: true })`, to be created in a namespace that has its service account.
 *
 * Its containers start at once, in an empty directory each, as the user that runs the tests; they are never restarted. A port of
 * the pod is one of 127.0.0.1.
 */
export function streamingPod(name: string, ...containers: readonly StreamingContainer[]) {
  return {
    apiVersion: "v1" as const,
    kind: "Pod" as const,
    metadata: { name },
    spec: {
      nodeName: "streaming-node",
      restartPolicy: "Never" as const,
      terminationGracePeriodSeconds: 1,
      containers: (containers.length === 0 ? [{}] : containers).map(
        ({ name: container = "main", command, ...streams }) => ({
          name: container,
          image: "none",
          ...(command !== undefined && { command: [...command] }),
          ...streams,
        }),
      ),
    },
  };
}
