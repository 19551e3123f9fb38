/** The flags of each component. Everything listens on 127.0.0.1 or not at all. */

import { join } from "node:path";
import type { Access } from "./access.js";
import type { ComponentOptions } from "./component.js";

/** Where a control plane's parts are. */
export interface Layout {
  readonly directory: string;
  /** The kubeconfig of the components. */
  readonly kubeconfig: string;
  readonly access: Access;
  readonly etcdPort: number;
  readonly etcdPeerPort: number;
  readonly apiServerPort: number;
  /** Where the streaming node serves the kubelet's API, if there is one. */
  readonly kubeletPort: number;
}

type Args = ComponentOptions["args"];

/** etcd, which forgets to sync: its data need not outlive it. */
export function etcdArgs({ directory, etcdPort, etcdPeerPort }: Layout): Args {
  const client = `http://127.0.0.1:${etcdPort}`;
  const peer = `http://127.0.0.1:${etcdPeerPort}`;
  return [
    "etcd",
    "--name=etcd",
    `--data-dir=${join(directory, "etcd")}`,
    "--unsafe-no-fsync",
    "--log-level=error",
    "--log-outputs=stderr",
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=etcd=${peer}`,
  ];
}

/** The API server, with RBAC, tokens and client certificates. */
export function apiServerArgs({ directory, access, etcdPort, apiServerPort }: Layout): Args {
  return [
    "kube-apiserver",
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${apiServerPort}`,
    // It would otherwise look for an address of this machine that pods could reach, and fail where there is none.
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    "--service-cluster-ip-range=10.0.0.0/24",
    `--cert-dir=${directory}`,
    `--tls-cert-file=${access.serverCertificate}`,
    `--tls-private-key-file=${access.serverKey}`,
    `--client-ca-file=${access.ca}`,
    `--token-auth-file=${access.tokenFile}`,
    "--authorization-mode=RBAC",
    "--allow-privileged",
    `--service-account-key-file=${access.serviceAccountKey}`,
    `--service-account-signing-key-file=${access.serviceAccountKey}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--kubelet-certificate-authority=${access.ca}`,
    `--kubelet-client-certificate=${access.adminCertificate}`,
    `--kubelet-client-key=${access.adminKey}`,
  ];
}

/** The controllers, and the signer of certificate signing requests. */
export function controllerManagerArgs({ kubeconfig, access }: Layout): Args {
  return [
    "kube-controller-manager",
    `--kubeconfig=${kubeconfig}`,
    "--secure-port=0",
    "--leader-elect=false",
    `--service-account-private-key-file=${access.serviceAccountKey}`,
    `--root-ca-file=${access.ca}`,
    `--cluster-signing-cert-file=${access.ca}`,
    `--cluster-signing-key-file=${access.caKey}`,
  ];
}

/** The scheduler. */
export function schedulerArgs({ kubeconfig }: Layout): Args {
  return ["kube-scheduler", `--kubeconfig=${kubeconfig}`, "--secure-port=0", "--leader-elect=false"];
}

/** A node: real kubelet code over a fake container runtime. */
export function hollowNodeArgs({ kubeconfig }: Layout, name: string): Args {
  return ["hollow-node", `--kubeconfig=${kubeconfig}`, `--name=${name}`];
}

/** A node whose containers are processes of this machine, for whoever has a certificate of the control plane's authority. */
export function streamingNodeArgs({ kubeconfig, access, kubeletPort }: Layout): Args {
  return [
    "streaming-node",
    `--kubeconfig=${kubeconfig}`,
    "--name=streaming-node",
    `--port=${kubeletPort}`,
    `--tls-cert-file=${access.serverCertificate}`,
    `--tls-private-key-file=${access.serverKey}`,
    `--client-ca-file=${access.ca}`,
  ];
}
