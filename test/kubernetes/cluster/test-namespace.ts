import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Proc } from "../../fixtures/proc.ts";
import { until } from "../../fixtures/until.ts";
import { runCommand } from "../run-command.ts";
import type { Cluster } from "./cluster.ts";

/** A rule of a Role (kubernetes.io/docs/reference/access-authn-authz/rbac). */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** A namespace of one test, with everything in it. `await using` deletes it, and does not wait for that. */
export class TestNamespace implements AsyncDisposable {
  readonly name: string;
  readonly #cluster: Cluster;

  private constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.name = name;
  }

  /** `label` goes into its name, which is unique. */
  static async create(cluster: Cluster, label: string): Promise<TestNamespace> {
    const name = `magpie-${label}-${randomBytes(3).toString("hex")}`;
    await cluster.kubectl(["create", "namespace", name]);
    const made = new TestNamespace(cluster, name);
    // Pods are refused until the controller has made it.
    await until(
      async () => (await cluster.tryKubectl(["get", "serviceaccount", "default", "-n", name])).code === 0,
      { what: `the service account of ${name}`, timeoutMs: 120_000 },
    );
    return made;
  }

  /** Runs kubectl in this namespace. @throws Error with what it said when it fails */
  kubectl(...args: readonly string[]): Promise<string> {
    return this.#cluster.kubectl(["-n", this.name, ...args]);
  }

  /** Starts kubectl in this namespace, as port-forward is. */
  start(...args: readonly string[]): Promise<Proc> {
    return Proc.start({ command: this.#cluster.kubectlCommand(["-n", this.name, ...args]) });
  }

  /** Applies manifests, as objects or as the text of a file. */
  async apply(...manifests: readonly (object | string)[]): Promise<void> {
    for (const manifest of manifests)
      await this.#cluster.kubectl(["-n", this.name, "apply", "-f", "-"], {
        input: typeof manifest === "string" ? manifest : JSON.stringify(manifest),
      });
  }

  /** The example of examples/kubernetes, three replicas of it; resolves when all of them are ready. */
  async applyExample(): Promise<void> {
    const file = new URL("../../../examples/kubernetes/web.yaml", import.meta.url);
    const text = readFileSync(file, "utf8");
    await this.apply(text.replaceAll("localhost/magpie-example:1", this.#cluster.exampleImage));
    await this.rolledOut("deployment/web");
  }

  /** Resolves when a workload is as its spec wants it. */
  async rolledOut(workload: string, timeoutSeconds = 240): Promise<void> {
    await this.kubectl("rollout", "status", workload, `--timeout=${timeoutSeconds}s`);
  }

  /** Pods by a label selector, by age and name. */
  async pods(selector: string): Promise<Pod[]> {
    const text = await this.kubectl("get", "pods", "-l", selector, "-o", "json");
    // The API's own shape, as far as it is read here.
    const { items } = JSON.parse(text) as { items: Pod[] };
    return items.toSorted((one, other) =>
      one.metadata.creationTimestamp + one.metadata.name <
      other.metadata.creationTimestamp + other.metadata.name
        ? -1
        : 1,
    );
  }

  /** Those of them that get requests, and will. */
  async readyPods(selector: string): Promise<Pod[]> {
    const pods = await this.pods(selector);
    return pods.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status.containerStatuses?.every(({ ready }) => ready) === true,
    );
  }

  /** How often containers of these pods were restarted. */
  async restarts(selector: string): Promise<number> {
    const statuses = (await this.pods(selector)).flatMap(({ status }) => status.containerStatuses ?? []);
    return statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
  }

  /**
   * Resolves when no agent's container runs in any of these pods, with the time at which the last of them ended, milliseconds since
   * the epoch: by the node's own clock, so that it does not count how late a busy kubelet tells it.
   */
  async agentsEnded(selector: string, { timeoutMs = 120_000 }: { timeoutMs?: number } = {}): Promise<number> {
    let ends: number[] = [];
    await until(
      async () => {
        const agents = (await this.pods(selector)).flatMap(
          ({ status }) => status.ephemeralContainerStatuses ?? [],
        );
        ends = agents.flatMap(({ state: { terminated } }) =>
          terminated === undefined ? [] : [Date.parse(terminated.finishedAt)],
        );
        return ends.length === agents.length;
      },
      { what: "every agent to have ended", timeoutMs },
    );
    return Math.max(0, ...ends);
  }

  /**
   * A user who may do what the rules say in this namespace and nothing else; gives the path of a kubeconfig. A certificate
   * that the cluster itself signs, so that it works in every cluster.
   */
  async user(name: string, rules: readonly Rule[]): Promise<string> {
    const unique = `${name}-${this.name}`;
    const folder = mkdtempSync(join(tmpdir(), "magpie-user-"));
    try {
      const keyFile = join(folder, "key");
      await runCommand(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", keyFile]);
      const request = await runCommand(["openssl", "req", "-new", "-key", keyFile, "-subj", `/CN=${unique}`]);
      await this.apply({
        apiVersion: "certificates.k8s.io/v1",
        kind: "CertificateSigningRequest",
        metadata: { name: unique },
        spec: {
          request: Buffer.from(request).toString("base64"),
          signerName: "kubernetes.io/kube-apiserver-client",
          usages: ["client auth"],
        },
      });
      await this.kubectl("certificate", "approve", unique);
      let certificate = "";
      await until(
        async () => {
          certificate = await this.kubectl("get", "csr", unique, "-o", "jsonpath={.status.certificate}");
          return certificate !== "";
        },
        { what: `the certificate of ${unique}`, timeoutMs: 120_000 },
      );
      await this.kubectl("delete", "csr", unique);
      await this.apply(
        { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name }, rules },
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "RoleBinding",
          metadata: { name },
          subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: unique }],
          roleRef: { kind: "Role", apiGroup: "rbac.authorization.k8s.io", name },
        },
      );
      const key = readFileSync(keyFile).toString("base64");
      const credentials = { "client-certificate-data": certificate, "client-key-data": key };
      return await this.#cluster.writeKubeconfig(unique, credentials, this.name);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster.kubectl(["delete", "namespace", this.name, "--wait=false"]);
  }
}

/** A pod as the API gives it, as far as it is read here. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly ephemeralContainers?: readonly { readonly name: string }[] };
  readonly status: {
    readonly podIP?: string;
    readonly phase: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly restartCount: number;
    }[];
    readonly ephemeralContainerStatuses?: readonly {
      readonly containerID?: string;
      readonly name: string;
      readonly state: {
        readonly running?: object;
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly terminated?: {
          readonly exitCode: number;
          /** As RFC 3339 has it, to the second. */
          readonly finishedAt: string;
        };
      };
    }[];
  };
}
