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
  place: NodePlace,
  binaries: string,
): readonly [string, ...string[]] {
  const [program, ...rest] = commands[process](place);
  return [program.startsWith("kube") ? join(binaries, program) : program, ...rest];
}

const commands: Record<NodeProcess, (place: NodePlace) => readonly [string, ...string[]]> = {
  containerd: ({ folder }) => ["containerd", "--config", `${folder}/containerd.toml`],
  etcd: ({ folder }) => [
    "etcd",
    `--data-dir=${folder}/etcd`,
    "--listen-client-urls=http://127.0.0.1:2379",
    "--advertise-client-urls=http://127.0.0.1:2379",
    "--listen-peer-urls=http://127.0.0.1:2380",
    "--initial-advertise-peer-urls=http://127.0.0.1:2380",
    "--initial-cluster=default=http://127.0.0.1:2380",
    // Nothing here outlives its folder.
    "--unsafe-no-fsync",
  ],
  "kube-apiserver": ({ folder, address }) => [
    "kube-apiserver",
    "--etcd-servers=http://127.0.0.1:2379",
    "--bind-address=0.0.0.0",
    `--advertise-address=${address}`,
    `--secure-port=${apiPort}`,
    `--service-cluster-ip-range=${serviceNetwork}`,
    `--tls-cert-file=${folder}/keys/apiserver.crt`,
    `--tls-private-key-file=${folder}/keys/apiserver.key`,
    `--client-ca-file=${folder}/keys/ca.crt`,
    `--kubelet-certificate-authority=${folder}/keys/ca.crt`,
    `--kubelet-client-certificate=${folder}/keys/kubelet-client.crt`,
    `--kubelet-client-key=${folder}/keys/kubelet-client.key`,
    "--kubelet-preferred-address-types=InternalIP",
    `--service-account-key-file=${folder}/keys/service-accounts.pub`,
    `--service-account-signing-key-file=${folder}/keys/service-accounts.key`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--authorization-mode=Node,RBAC",
    "--allow-privileged=true",
    "--endpoint-reconciler-type=none",
    featureGates,
  ],
  "kube-controller-manager": (place) => [
    "kube-controller-manager",
    ...clientOptions(place, "controller-manager"),
    `--service-account-private-key-file=${place.folder}/keys/service-accounts.key`,
    `--root-ca-file=${place.folder}/keys/ca.crt`,
    // It signs certificates of users that a test makes.
    `--cluster-signing-cert-file=${place.folder}/keys/ca.crt`,
    `--cluster-signing-key-file=${place.folder}/keys/ca.key`,
    "--use-service-account-credentials",
  ],
  "kube-scheduler": (place) => ["kube-scheduler", ...clientOptions(place, "scheduler")],
  kubelet: ({ folder, address, name }) => [
    "kubelet",
    `--config=${folder}/kubelet.json`,
    `--kubeconfig=${folder}/kubelet.kubeconfig`,
    `--root-dir=${folder}/kubelet`,
    `--hostname-override=${name}`,
    `--node-ip=${address}`,
    "--container-runtime=remote",
    `--container-runtime-endpoint=unix://${containerdSocket(folder)}`,
    "--v=2",
  ],
};

function clientOptions({ folder }: NodePlace, user: string): string[] {
  return [
    `--kubeconfig=${folder}/${user}.kubeconfig`,
    `--authentication-kubeconfig=${folder}/${user}.kubeconfig`,
    `--authorization-kubeconfig=${folder}/${user}.kubeconfig`,
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    "--port=0",
    featureGates,
  ];
}
