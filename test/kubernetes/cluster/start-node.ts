import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../../fixtures/until.ts";
import { runCommand } from "../run-command.ts";
import { Node } from "./node.ts";
import {
  apiPort,
  apiServiceAddress,
  cniConfiguration,
  containerdConfiguration,
  containerdSocket,
  kubeletConfiguration,
} from "./node-files.ts";
import type { NodeProcess } from "./node-processes.ts";

const certificates = fileURLToPath(new URL("certificates.sh", import.meta.url));

/** An image that a node is to have: an archive as `podman save` writes it. */
export interface ImageArchive {
  readonly name: string;
  readonly file: string;
}

/**
 * Starts a whole cluster on one node and resolves when pods can run on it: `admin.kubeconfig` in its folder is good for
 * everything. Takes some fifteen seconds on two cores.
 * @throws Error with the log of the part that did not come up
 */
export async function startNode(options: {
  binaries: string;
  pause: ImageArchive;
  images: readonly ImageArchive[];
  say?: (line: string) => void;
}): Promise<Node> {
  const { binaries, pause, images, say = () => undefined } = options;
  await using stack = new AsyncDisposableStack();
  const node = stack.use(await Node.create(binaries));
  const { folder, address, name } = node.place;
  const major = / v?2\./.test(await runCommand(["containerd", "--version"])) ? 2 : 1;
  writeFileSync(join(folder, "containerd.toml"), containerdConfiguration(node.place, pause.name, major));
  writeFileSync(join(folder, "cni/net.d/10-magpie.conflist"), cniConfiguration(node.place));
  writeFileSync(join(folder, "kubelet.json"), kubeletConfiguration(node.place));
  node.start("containerd");
  node.start("etcd");
  const imported = importImages(node, [pause, ...images]);
  // Whoever waits for it hears of its failure.
  imported.catch(() => undefined);
  await runCommand([certificates, join(folder, "keys"), address, name]);
  for (const user of ["admin", "controller-manager", "scheduler", "kubelet"])
    writeFileSync(join(folder, `${user}.kubeconfig`), kubeconfigOf(node, user), { mode: 0o600 });
  node.start("kube-apiserver");
  await setRules(node);
  await ready(node, "kube-apiserver", () => answers(node, "/readyz"));
  say("the API server is ready");
  node.start("kube-controller-manager");
  node.start("kube-scheduler");
  await imported;
  say("images are there");
  node.start("kubelet");
  await ready(node, "kubelet", async () => {
    const status = await ask(node, `/api/v1/nodes/${name}`);
    const account = await ask(node, "/api/v1/namespaces/default/serviceaccounts/default");
    return /"type":"Ready","status":"True"/.test(status) && !status.includes('"taints"') && account !== "";
  });
  say("the node is ready");
  stack.move();
  return node;
}

/** Imports an image into a node that runs. */
export async function importImages(node: Node, images: readonly ImageArchive[]): Promise<void> {
  const ctr = ["ctr", "--address", containerdSocket(node.place.folder), "--namespace", "k8s.io"] as const;
  await ready(node, "containerd", async () => (await node.try([...ctr, "version"])).code === 0);
  for (const { file } of images) await node.run([...ctr, "images", "import", file]);
}

/**
 * Pods know the API server by the address of a Service, which kube-proxy would forward; it is the only Service that anything
 * here needs, so one rule does. From this machine the API server is all that can be reached, as with most clusters.
 */
async function setRules(node: Node): Promise<void> {
  const service = `ip daddr ${apiServiceAddress} tcp dport 443 dnat to ${node.place.address}:${apiPort}`;
  await node.run(["nft", "-f", "-"], {
    input: `table ip service {
      chain prerouting { type nat hook prerouting priority dstnat; ${service}; }
      chain output { type nat hook output priority -100; ${service}; }
    }
    table inet wall {
      chain input { type filter hook input priority filter; iifname eth0 ct state new tcp dport != ${apiPort} reject; }
      chain forward { type filter hook forward priority filter; iifname eth0 reject; }
    }`,
  });
}

function kubeconfigOf(node: Node, user: string): string {
  const { folder, address } = node.place;
  const base64 = (file: string) => readFileSync(join(folder, "keys", file)).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "magpie-test",
        cluster: { server: `https://${address}:${apiPort}`, "certificate-authority-data": base64("ca.crt") },
      },
    ],
    users: [
      {
        name: user,
        user: {
          "client-certificate-data": base64(`${user}.crt`),
          "client-key-data": base64(`${user}.key`),
        },
      },
    ],
    contexts: [{ name: "magpie-test", context: { cluster: "magpie-test", user } }],
    "current-context": "magpie-test",
  });
}

/** Waits for a part of the cluster. @throws Error with its log when it ends or is late */
async function ready(node: Node, process: NodeProcess, condition: () => Promise<boolean>): Promise<void> {
  let looks = 0;
  try {
    await until(
      async () => {
        if (await condition()) return true;
        // A process that has just been started may not have written its pid yet.
        if (++looks % 20 === 0 && !(await node.isRunning(process))) throw new Error(`${process} has ended`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return false;
      },
      { what: `${process} to be ready`, timeoutMs: 120_000 },
    );
  } catch (cause) {
    throw new Error(`${String(cause)}; it logged:\n${node.logOf(process)}`, { cause });
  }
}

async function answers(node: Node, path: string): Promise<boolean> {
  return (await ask(node, path)) !== "";
}

/** What the API server says, as its administrator; nothing while it says no, or nothing. */
async function ask(node: Node, path: string): Promise<string> {
  const { folder, address } = node.place;
  const key = (file: string) => readFileSync(join(folder, "keys", file));
  const { promise, resolve } = Promise.withResolvers<string>();
  const asked = request(
    {
      host: address,
      port: apiPort,
      path,
      ca: key("ca.crt"),
      cert: key("admin.crt"),
      key: key("admin.key"),
      agent: false,
    },
    (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve(response.statusCode === 200 ? text : ""));
    },
  );
  asked.setTimeout(3_000, () => asked.destroy());
  asked.on("error", () => resolve(""));
  asked.end();
  return promise;
}
