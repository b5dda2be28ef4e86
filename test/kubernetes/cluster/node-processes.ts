import { join } from "node:path";
import { apiPort, containerdSocket, type NodePlace, serviceNetwork } from "./node-files.ts";

/** What runs on a node that is a whole cluster, in the order of the start. */
export const nodeProcesses = [
  "containerd",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
] as const;
export type NodeProcess = (typeof nodeProcesses)[number];

/** Features that were not on by default in 1.20 and are today. */
const featureGates = "--feature-gates=EphemeralContainers=true,TTLAfterFinished=true";

/** The command line of each process; the options are those of kubernetes.io/docs/reference/command-line-tools-reference. */
export function commandOf(
  process: NodeProcess,
  { folder, address, name }: NodePlace,
  binaries: string,
): readonly [string, ...string[]] {
  const keys = `${folder}/keys`;
  const kubeconfig = (of: string) => [
    `--kubeconfig=${folder}/${of}.kubeconfig`,
    `--authentication-kubeconfig=${folder}/${of}.kubeconfig`,
    `--authorization-kubeconfig=${folder}/${of}.kubeconfig`,
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    "--port=0",
    featureGates,
  ];
  switch (process) {
    case "containerd":
      return ["containerd", "--config", `${folder}/containerd.toml`];
    case "etcd":
      return [
        "etcd",
        `--data-dir=${folder}/etcd`,
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--initial-advertise-peer-urls=http://127.0.0.1:2380",
        "--initial-cluster=default=http://127.0.0.1:2380",
        // Nothing here outlives its folder.
        "--unsafe-no-fsync",
      ];
    case "kube-apiserver":
      return [
        join(binaries, process),
        "--etcd-servers=http://127.0.0.1:2379",
        "--bind-address=0.0.0.0",
        `--advertise-address=${address}`,
        `--secure-port=${apiPort}`,
        `--service-cluster-ip-range=${serviceNetwork}`,
        `--tls-cert-file=${keys}/apiserver.crt`,
        `--tls-private-key-file=${keys}/apiserver.key`,
        `--client-ca-file=${keys}/ca.crt`,
        `--kubelet-certificate-authority=${keys}/ca.crt`,
        `--kubelet-client-certificate=${keys}/kubelet-client.crt`,
        `--kubelet-client-key=${keys}/kubelet-client.key`,
        "--kubelet-preferred-address-types=InternalIP",
        `--service-account-key-file=${keys}/service-accounts.pub`,
        `--service-account-signing-key-file=${keys}/service-accounts.key`,
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
        "--endpoint-reconciler-type=none",
        featureGates,
      ];
    case "kube-controller-manager":
      return [
        join(binaries, process),
        ...kubeconfig("controller-manager"),
        `--service-account-private-key-file=${keys}/service-accounts.key`,
        `--root-ca-file=${keys}/ca.crt`,
        // It signs certificates of users that a test makes.
        `--cluster-signing-cert-file=${keys}/ca.crt`,
        `--cluster-signing-key-file=${keys}/ca.key`,
        "--use-service-account-credentials",
      ];
    case "kube-scheduler":
      return [join(binaries, process), ...kubeconfig("scheduler")];
    case "kubelet":
      return [
        join(binaries, process),
        `--config=${folder}/kubelet.json`,
        `--kubeconfig=${folder}/kubelet.kubeconfig`,
        `--root-dir=${folder}/kubelet`,
        `--hostname-override=${name}`,
        `--node-ip=${address}`,
        "--container-runtime=remote",
        `--container-runtime-endpoint=unix://${containerdSocket(folder)}`,
        "--v=2",
      ];
  }
}
