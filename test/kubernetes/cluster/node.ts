import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Proc } from "../../fixtures/proc.ts";
import { type CommandOptions, type CommandOutput, runCommand, tryCommand } from "../run-command.ts";
import type { NodePlace } from "./node-files.ts";
import { commandOf, type NodeProcess } from "./node-processes.ts";

const script = fileURLToPath(new URL("node.sh", import.meta.url));

interface NodeState extends NodePlace {
  readonly binaries: string;
  /** Process 1 of the node, as this machine numbers it. */
  readonly firstPid: number;
}

/**
 * A machine for one Kubernetes cluster, made of namespaces: network, mounts and processes of its own, in a folder of its own.
 * From this machine its address is reachable, from it nothing is. `await using` ends it, and so does the end of this process,
 * however it comes (`node.sh`).
 */
export class Node implements AsyncDisposable {
  readonly #state: NodeState;
  /** Undefined where another process holds it. */
  readonly #holder: Proc | undefined;

  private constructor(state: NodeState, holder?: Proc) {
    this.#state = state;
    this.#holder = holder;
  }

  /** Makes a node on which nothing runs. Needs root. */
  static async create(binaries: string): Promise<Node> {
    const folder = mkdtempSync(join(tmpdir(), "magpie-node-"));
    const id = randomBytes(3).toString("hex");
    const name = `magpie-node-${id}`;
    // In a session of its own: who kills our group of processes must not kill the one that clears up.
    const holder = await Proc.start({ command: ["setsid", script, folder, name] });
    const [, first] = await holder.line(/^ready (\d+)$/, { timeoutMs: 20_000 });
    const firstPid = Number(first);
    const network = freeNetwork();
    const state = { name, folder, address: `${network}.2`, binaries, firstPid };
    const outside = `mgpk${id}`;
    // The veth goes with the namespace at its other end.
    await runCommand(["ip", "-batch", "-"], {
      input: [
        `link add ${outside} type veth peer name eth0 netns ${firstPid}`,
        `address add ${network}.1/30 dev ${outside}`,
        `link set ${outside} up`,
      ].join("\n"),
    });
    const node = new Node(state, holder);
    await node.run(["ip", "-batch", "-"], {
      // What looks for the internet is refused at once instead of waiting for it.
      input: `address add ${network}.2/30 dev eth0\nlink set eth0 up\nroute add unreachable default\n`,
    });
    for (const below of ["log", "keys", "cni/net.d"]) mkdirSync(join(folder, below), { recursive: true });
    writeFileSync(join(folder, "node.json"), JSON.stringify(state));
    return node;
  }

  /** A node that another process has made, by its folder. Disposing of it does nothing. */
  static join(folder: string): Node {
    // Written by `create`.
    return new Node(JSON.parse(readFileSync(join(folder, "node.json"), "utf8")) as NodeState);
  }

  get place(): NodePlace {
    return this.#state;
  }

  /** Runs a command on it to its end. @throws Error when it fails */
  run(command: readonly [string, ...string[]], options?: CommandOptions): Promise<string> {
    return runCommand(this.#inside(command), options);
  }

  /** The same, with a failure as a value. */
  try(command: readonly [string, ...string[]], options?: CommandOptions): Promise<CommandOutput> {
    return tryCommand(this.#inside(command), options);
  }

  /** The command that runs a program in the node's network alone, for what is to run for a while. */
  inNetwork(command: readonly [string, ...string[]]): [string, ...string[]] {
    return ["nsenter", `--target=${this.#state.firstPid}`, "--net", "--", ...command];
  }

  /** Starts a process of the cluster; it lives as long as the node, and logs to the node's folder. */
  start(process: NodeProcess): void {
    const { folder, binaries } = this.#state;
    const inner = [
      ...[
        'echo $$ >"$1/$2.pid"; log="$1/log/$2.log"; cd "$1"; shift 2; exec "$@" >>"$log" 2>&1 </dev/null',
        "sh",
      ],
      ...[folder, process, ...commandOf(process, this.#state, binaries)],
    ];
    const [program, ...rest] = this.#inside(["sh", "-c", ...inner]);
    spawn(program, rest, { stdio: "ignore", detached: true }).unref();
  }

  /**
   * Kills a process of the cluster by SIGKILL and resolves when it is gone. SIGTERM would not do: an API server then waits a
   * minute for whoever watches it.
   */
  async kill(process: NodeProcess): Promise<void> {
    const { folder } = this.#state;
    const wait = 'pid=$(cat "$1"); kill -KILL "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done';
    await this.run(["sh", "-c", wait, "sh", `${folder}/${process}.pid`], { timeoutMs: 20_000 });
  }

  /** Whether a process of the cluster runs. */
  async isRunning(process: NodeProcess): Promise<boolean> {
    const { folder } = this.#state;
    const { code } = await this.try(["sh", "-c", 'kill -0 "$(cat "$1")"', "sh", `${folder}/${process}.pid`]);
    return code === 0;
  }

  /** The end of what a process of the cluster has logged, for messages. */
  logOf(process: NodeProcess, lines = 15): string {
    const text = readFileSync(join(this.#state.folder, "log", `${process}.log`), "utf8");
    return text.trimEnd().split("\n").slice(-lines).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#holder === undefined) return;
    this.#holder.child.stdin?.end();
    const late = setTimeout(() => this.#holder?.signal("SIGKILL"), 20_000);
    await this.#holder.exited;
    clearTimeout(late);
  }

  #inside(command: readonly [string, ...string[]]): [string, ...string[]] {
    return ["nsenter", `--target=${this.#state.firstPid}`, "--net", "--mount", "--pid", "--", ...command];
  }
}

/** The first three bytes of a network that no interface of this machine has. */
function freeNetwork(): string {
  const taken = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  for (let third = 0; third < 256; third++) {
    const network = `10.252.${third}`;
    if (!taken.some(({ address }) => address.startsWith(`${network}.`))) return network;
  }
  throw new Error("every network in 10.252.0.0/16 has an interface already: did clusters stay behind?");
}
