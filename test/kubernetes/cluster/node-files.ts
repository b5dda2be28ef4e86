/** Where everything of a node is: files in its folder, addresses in its network. */
export interface NodePlace {
  /** Name of the node, of its cgroups and in Kubernetes. */
  readonly name: string;
  readonly folder: string;
  /** Of the node, as seen from this machine. */
  readonly address: string;
}

/** Inside the node only; the same for every node, since none sees another. */
export const podNetwork = "10.251.0.0/24";
export const serviceNetwork = "10.250.0.0/24";
/** The first of `serviceNetwork`, at which pods find the API server. */
export const apiServiceAddress = "10.250.0.1";
export const apiPort = 16_443;

/** A bridge for pods; no masquerading, as there is nowhere to go (cni.dev/plugins). */
export function cniConfiguration({ folder }: NodePlace): string {
  const bridge = {
    type: "bridge",
    bridge: "cni0",
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam: {
      type: "host-local",
      dataDir: `${folder}/cni/addresses`,
      ranges: [[{ subnet: podNetwork }]],
      routes: [{ dst: "0.0.0.0/0" }],
    },
  };
  const portmap = { type: "portmap", capabilities: { portMappings: true } };
  return JSON.stringify({ cniVersion: "0.4.0", name: "magpie", plugins: [bridge, portmap] });
}

/**
 * containerd on a socket and with a store of its own. Whoever lacks CAP_SYS_RESOURCE may not lower oom_score_adj, so it does not
 * try. `major` is its version: 2 has the same settings in other places.
 */
export function containerdConfiguration({ folder }: NodePlace, pauseImage: string, major: 1 | 2): string {
  const runtime = major === 1 ? "io.containerd.grpc.v1.cri" : "io.containerd.cri.v1.runtime";
  return `version = ${major === 1 ? 2 : 3}
root = "${folder}/containerd/root"
state = "${folder}/containerd/state"
oom_score = 0
[grpc]
  address = "${containerdSocket(folder)}"
[plugins."${runtime}"]
  restrict_oom_score_adj = true
  ${major === 1 ? `sandbox_image = "${pauseImage}"` : ""}
  [plugins."${runtime}".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni/net.d"
  [plugins."${runtime}".containerd]
    default_runtime_name = "runc"
    [plugins."${runtime}".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."${runtime}".containerd.runtimes.runc.options]
        SystemdCgroup = false
${major === 1 ? "" : `[plugins."io.containerd.cri.v1.images".pinned_images]\n  sandbox = "${pauseImage}"\n`}`;
}

export function containerdSocket(folder: string): string {
  return `${folder}/containerd.sock`;
}

/** A kubelet that changes nothing of the machine, evicts nobody for its full disk, and reports often. */
export function kubeletConfiguration({ folder, address, name }: NodePlace): string {
  const keys = `${folder}/keys`;
  return JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    featureGates: { EphemeralContainers: true },
    address,
    port: 11_250,
    healthzPort: 0,
    readOnlyPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${keys}/ca.crt` },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: `${keys}/kubelet.crt`,
    tlsPrivateKeyFile: `${keys}/kubelet.key`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${name}`,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    oomScoreAdj: 0,
    resolvConf: "",
    nodeStatusUpdateFrequency: "1s",
    evictionHard: {
      "memory.available": "0%",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  });
}
