import type { KubernetesObject, Node, Pod } from "../api/objects.ts";
import type { Finding } from "./finding.ts";
import { type Seen, valueOf } from "./seen.ts";

/** A RuntimeClass, as far as it matters. */
export type RuntimeClass = KubernetesObject & { readonly handler?: string };

/** Owner flags of nf_tables' tables (NFT_TABLE_F_OWNER). */
const OWNED_TABLES = [5, 12] as const;
/** tproxy of nf_tables (nft_tproxy). */
const TPROXY = [4, 19] as const;
/** What the image is made for. */
const architectures = new Set(["amd64", "arm64"]);

/** What is to be said of the node that a pod runs on, and of what its containers run in. */
export function nodeFindings(about: {
  readonly pod: Pod;
  readonly node: Seen<Node>;
  readonly runtimeClass: Seen<RuntimeClass> | undefined;
  readonly form: "auto" | "ephemeral" | "pod";
  /** A trial has shown that there are ephemeral containers, whatever versions say. */
  readonly isTaken?: boolean;
}): Finding[] {
  const { pod, node, form, isTaken = false } = about;
  const { nodeName = "" } = pod.spec;
  if (nodeName === "" && pod.status?.phase !== "Running")
    return [
      {
        id: "unscheduled",
        level: "blocker",
        what: `pod ${pod.metadata.name} is on no node yet`,
        fix: "`kubectl describe pod` says what it waits for",
      },
    ];
  const findings = sandboxFindings(about);
  if ("unseen" in node) {
    const os = pod.spec.os?.name ?? pod.spec.nodeSelector?.["kubernetes.io/os"];
    if (os === "windows") return [windows(nodeName), ...findings];
    return [
      {
        id: "node-unseen",
        level: "note",
        what: `node ${nodeName} could not be looked at (${node.because})`,
        why: "its kernel, architecture and runtime are not known before the agent runs; what it lacks is told then",
      },
      ...findings,
    ];
  }
  return [...seenNodeFindings(node.value, nodeName, isTaken ? "pod" : form), ...findings];
}

function seenNodeFindings(node: Node, nodeName: string, form: "auto" | "ephemeral" | "pod"): Finding[] {
  const info = node.status?.nodeInfo;
  if (info === undefined) return [];
  const { operatingSystem, architecture, kernelVersion, kubeletVersion, containerRuntimeVersion } = info;
  if (operatingSystem !== "linux") return [windows(nodeName)];
  const findings: Finding[] = [];
  if (!architectures.has(architecture))
    findings.push({
      id: "architecture",
      level: "blocker",
      what: `node ${nodeName} is of architecture ${architecture}; the agent's image is made for ${[...architectures].join(" and ")}`,
      fix: "choose a pod on another node by --target pod/<name>",
    });
  findings.push(...kernelFindings(kernelVersion, nodeName), ...servicelessFindings(node, nodeName));
  const minor = minorOf(kubeletVersion);
  if (minor !== undefined && minor < 23 && form !== "pod")
    findings.push({
      id: "ephemeral-containers",
      level: form === "ephemeral" ? "blocker" : "warning",
      what: `the kubelet of node ${nodeName} is ${kubeletVersion}: ephemeral containers came with 1.23`,
      fix: "--agent pod puts the agent into a pod on the node",
    });
  if (findings.length === 0)
    findings.push({
      id: "node",
      level: "ok",
      what: `node ${nodeName}: linux/${architecture}, kernel ${kernelVersion}, ${containerRuntimeVersion}, kubelet ${kubeletVersion}`,
    });
  return findings;
}

function kernelFindings(version: string, nodeName: string): Finding[] {
  const fallback =
    "the agent then redirects by NAT: nf_tables or iptables, whichever the kernel has; --redirect says which";
  if (isBefore(version, TPROXY))
    return [
      {
        id: "kernel",
        level: "warning",
        what: `node ${nodeName} has kernel ${version}, older than tproxy of nf_tables (4.19)`,
        why: fallback,
      },
    ];
  if (isBefore(version, OWNED_TABLES))
    return [
      {
        id: "kernel",
        level: "note",
        what: `node ${nodeName} has kernel ${version}: before 5.12 rules do not vanish with their owner, and only the lease of a few seconds gives ports back when the agent is killed`,
      },
    ];
  return [];
}

/** Nodes that are none: what runs a pod there takes no ephemeral container, or grants no capability. */
function servicelessFindings({ metadata }: Node, nodeName: string): Finding[] {
  const labels = metadata.labels ?? {};
  if (labels["eks.amazonaws.com/compute-type"] === "fargate" || nodeName.startsWith("fargate-"))
    return [
      {
        id: "serverless",
        level: "blocker",
        what: `pod and node are of AWS Fargate, which grants no NET_ADMIN`,
        fix: "run the target on a node of EC2 while you debug it",
      },
    ];
  if (labels["type"] === "virtual-kubelet" || labels["kubernetes.io/role"] === "virtual-kubelet")
    return [
      {
        id: "serverless",
        level: "blocker",
        what: `node ${nodeName} is a virtual kubelet, which takes no ephemeral containers`,
        fix: "run the target on a node of its own while you debug it",
      },
    ];
  return [];
}

function sandboxFindings(about: {
  readonly pod: Pod;
  readonly runtimeClass: Seen<RuntimeClass> | undefined;
  readonly form: "auto" | "ephemeral" | "pod";
}): Finding[] {
  const name = about.pod.spec.runtimeClassName;
  if (name === undefined) return [];
  const handler = valueOf(about.runtimeClass)?.handler ?? name;
  const words = `${name} ${handler}`.toLowerCase();
  if (/gvisor|runsc/.test(words))
    return [
      {
        id: "sandbox",
        level: "warning",
        what: `the pod runs in gVisor (runtime class ${name}), whose kernel has neither nf_tables nor tproxy`,
        why: "the agent tries iptables there, which gVisor knows a part of; requests may not be redirected",
        fix: "run the target without the runtime class while you debug it; env and files work",
      },
    ];
  if (/kata|firecracker|cloud-hypervisor|qemu/.test(words))
    return [
      {
        id: "sandbox",
        level: about.form === "pod" ? "blocker" : "note",
        what: `the pod runs in a virtual machine of its own (runtime class ${name})`,
        why: "an ephemeral container is inside of it and works if the guest's kernel has nf_tables or iptables; a pod on the node cannot get in",
        ...(about.form === "pod" ? { fix: "--agent ephemeral" } : {}),
      },
    ];
  return [
    {
      id: "sandbox",
      level: "note",
      what: `the pod has the runtime class ${name}, of which nothing is known here`,
    },
  ];
}

function windows(nodeName: string): Finding {
  return {
    id: "windows",
    level: "blocker",
    what: `node ${nodeName} runs Windows; the agent is for Linux`,
    fix: "choose a target that runs on Linux",
  };
}

function isBefore(version: string, [major, minor]: readonly [number, number]): boolean {
  const [, foundMajor, foundMinor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (foundMajor === undefined) return false;
  return Number(foundMajor) < major || (Number(foundMajor) === major && Number(foundMinor) < minor);
}

/** `v1.33.2` is 33. */
export function minorOf(version: string): number | undefined {
  const [, minor] = /^v?1\.(\d+)/.exec(version) ?? [];
  return minor === undefined ? undefined : Number(minor);
}
