import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onAbruptEnd } from "../fixtures/abrupt-end.ts";
import {
  Namespace,
  removeLeftovers as removeLeftoverNamespaces,
  removeNamespace,
} from "../fixtures/namespaces.ts";
import { isAlive } from "../fixtures/proc.ts";
import { until } from "../fixtures/until.ts";
import { runCommand } from "./run-command.ts";
import { podman, podmanEnvironment, tryPodman } from "./images/podman.ts";

const address = "10.78.0.1";

/**
 * A pod of podman with the example's app in it, on a network from which nothing leads out: what a kubelet makes, but for the
 * kubelet. `await using` removes all of it, and so does an abrupt end; what SIGKILL leaves is removed by the next one.
 */
export class PodmanPod implements AsyncDisposable {
  readonly name: string;
  /** A network namespace that reaches the pod, by `address`. */
  readonly client: Namespace;
  readonly address = address;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: { name: string; client: Namespace }, stack: AsyncDisposableStack) {
    this.name = parts.name;
    this.client = parts.client;
    this.#stack = stack;
  }

  /** Resolves when the app answers. */
  static async start(image: string): Promise<PodmanPod> {
    await removeLeftovers();
    await using stack = new AsyncDisposableStack();
    const name = `magpie-test-${process.pid}-${randomBytes(3).toString("hex")}`;
    const folder = mkdtempSync(join(tmpdir(), `${name}-`));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    const client = new Namespace({ name: `${name}-client`, address4: "10.78.0.2", address6: "fd78::2" });
    stack.defer(onAbruptEnd(() => removeNow(name, client)));
    stack.defer(async () => {
      await remove(name);
      removeNamespace(client.name);
    });
    mkdirSync(join(folder, "web"));
    writeFileSync(join(folder, "web/page.txt"), "the page of the pod\n");
    // Its network is made here: podman's own would put a bridge and firewall rules into the machine's.
    await podman(["pod", "create", "--name", name, "--network=none", "--share", "net,ipc,uts"]);
    const app = [
      ...["--name", `${name}-web`, "--pod", name, "--read-only", "--cap-drop=all", "--user=1000"],
      ...["--env", "GREETING=good morning", "--env", "PASSWORD=secret", "--pull=never"],
      ...["--volume", `${join(folder, "web")}:/etc/web:ro`],
    ];
    await podman(["run", "--detach", ...app, image]);
    const pid = (await podman(["inspect", `${name}-web`, "--format", "{{.State.Pid}}"])).trim();
    await connect(client, pid);
    await until(async () => (await client.run("curl", "-sf", `http://${address}:8080/healthz`)).code === 0, {
      what: `the app of ${name} to answer`,
      timeoutMs: 120_000,
    });
    return new PodmanPod({ name, client }, stack.move());
  }

  /** The app's container, as `--target container:` names it. */
  get app(): string {
    return `${this.name}-web`;
  }

  /** The inode of the pod's network namespace. */
  async netnsInode(): Promise<string> {
    const pid = (await podman(["inspect", this.app, "--format", "{{.State.Pid}}"])).trim();
    return execFileSync("stat", ["--dereference", "--format=%i", `/proc/${pid}/ns/net`], {
      encoding: "utf8",
    }).trim();
  }

  /** Runs the agent's image beside the app, as an ephemeral container is run, and gives the container's name. */
  async runAgent(
    image: string,
    options: { args: readonly string[]; with?: readonly string[] },
  ): Promise<string> {
    const name = `${this.name}-agent`;
    const beside = ["--pod", this.name, "--pid", `container:${this.app}`];
    const rights = ["--cap-drop=all", "--cap-add=NET_ADMIN"];
    const own = ["--detach", "--name", name, "--pull=never", ...beside, ...rights, ...(options.with ?? [])];
    await podman(["run", ...own, image, ...options.args]);
    return name;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** A network of two: the client and the pod. */
async function connect(client: Namespace, pid: string): Promise<void> {
  await runCommand(["ip", "netns", "add", client.name]);
  await runCommand(["ip", "-n", client.name, "-batch", "-"], {
    input: [
      `link add eth0 type veth peer name eth0 netns ${pid}`,
      `address add ${client.address4}/24 dev eth0`,
      "link set eth0 up",
    ].join("\n"),
  });
  await runCommand(["nsenter", `--target=${pid}`, "--net", "ip", "-batch", "-"], {
    input: `address add ${address}/24 dev eth0\nlink set eth0 up\n`,
  });
}

async function remove(name: string): Promise<void> {
  await tryPodman(["pod", "rm", "--force", "--time=1", "--ignore", name]);
}

function removeNow(name: string, client: Namespace): void {
  const quiet = { stdio: "ignore" as const, env: { ...process.env, ...podmanEnvironment() } };
  execFileSync("podman", ["pod", "rm", "--force", "--time=0", "--ignore", name], quiet);
  removeNamespace(client.name);
}

/** Their makers' pids are in the names. */
async function removeLeftovers(): Promise<void> {
  removeLeftoverNamespaces();
  for (const name of (await podman(["pod", "ls", "--format", "{{.Name}}"])).split("\n")) {
    const pid = /^magpie-test-(\d+)-[0-9a-f]{6}$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await remove(name);
  }
}
