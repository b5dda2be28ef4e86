import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import {
  addressLayout,
  bareLayout,
  diversionPort,
  interfaceLines,
  type Layout,
  marks,
  packetLogGroup,
  podInterface,
} from "./diversion.ts";
import {
  type KeeperMessage,
  type KeeperRequest,
  parseKeeperRequest,
  type SocketName,
} from "./keeper-message.ts";
import { endProcessesOf, networkOf } from "./namespace-processes.ts";

/**
 * The process that stands in the sandbox's namespaces: `unshare … -- node keeper.ts <network>`, with a channel as
 * descriptor 3; `network` names magpie's own network namespace, which is not to be touched.
 *
 * It lays the network out, makes the sockets that only somebody inside can make, and hands them over. Then it waits for
 * requests, and for the end of the channel, which comes when magpie is gone, however it went: then it ends whatever is
 * left in the namespace.
 */
const CHANNEL = 3;
/** Of sockets asked for at once. */
const MAX_SOCKETS = 64;
const COMMAND_TIME_MS = 10_000;

const network = networkOf("self");
if (network === process.argv[2]) throw new Error("the keeper is in no network namespace of its own");

const hasIPv6 = existsSync("/proc/sys/net/ipv6");
if (hasIPv6) setSysctl("ipv6/conf/lo/disable_ipv6", "0");
// Few programs, not one for each line, and they run while the rest of this one is loaded.
const bare = bareLayout({ hasIPv6 });
const laidOut = Promise.allSettled([run("ip", ["-batch", "-"], bare.ip), run("nft", ["-f", "-"], bare.nft)]);
const interfaceMade = run("ip", ["-force", "-batch", "-"], interfaceLines).catch(() => undefined);
const kernel = await import("../../../kernel/index.ts");
const channel = new kernel.DescriptorChannel(CHANNEL);
// A keeper that somebody has stopped must wake up to see the end of the channel.
kernel.signalOnParentDeath("SIGCONT");

await begin();
// This process is killed in the end, and would keep nothing of what it has compiled.
flushCompileCache();
for (let next = channel.receive(); next !== undefined; next = channel.receive())
  answer(parseKeeperRequest(next.text));
endProcessesOf(network, { except: process.pid });
process.exit(0);

async function begin(): Promise<void> {
  let step = "sockets";
  try {
    const made = makeSockets();
    const notices = setSysctls();
    step = "layout";
    for (const result of await laidOut) if (result.status === "rejected") throw result.reason;
    await interfaceMade;
    give({ is: "ready", names: [...made.keys()], notices }, [...made.values()]);
  } catch (error) {
    fail(step, error);
  }
}

function answer(request: KeeperRequest): void {
  if (request.ask === "sockets") {
    const fresh: number[] = [];
    for (let left = Math.min(request.count, MAX_SOCKETS); left > 0; left--)
      fresh.push(kernel.openUpstreamSocket({ family: request.family, mark: marks.ours }));
    return give({ is: "sockets", family: request.family }, fresh);
  }
  let step = "addresses";
  try {
    const device = existsInterface(podInterface) ? podInterface : "lo";
    layOut(addressLayout(request.addresses, { hasIPv6, device }));
    step = "hostname";
    if (request.hostname !== undefined) kernel.setHostname(request.hostname);
    give({ is: "laid-out" }, []);
  } catch (error) {
    fail(step, error);
  }
}

/** They are transparent, so that it does not matter whether their addresses are there yet. */
function makeSockets(): Map<SocketName, number> {
  const made = new Map<SocketName, number>();
  for (const family of hasIPv6 ? ([4, 6] as const) : ([4] as const)) {
    const at = { family, address: family === 4 ? "127.0.0.1" : "::1", port: diversionPort };
    const listening = { transparent: true, backlog: 4096, mark: marks.ours };
    made.set(`listener${family}`, kernel.openListener(at, listening));
    made.set(`datagrams${family}`, kernel.openTransparentDatagramSocket(at));
    made.set(`answers${family}`, kernel.openRawSocket({ family, mark: marks.ours }));
    made.set(`approvals${family}`, kernel.openRawSocket({ family, mark: marks.approved }));
  }
  made.set("packetLog", kernel.openPacketLog(packetLogGroup));
  made.set("diagnosis", kernel.openSocketDiagnosis());
  return made;
}

/** Where /proc/sys cannot be written, as in containers, the program can do without; what it misses is said. */
function setSysctls(): string[] {
  // A connection that only a cookie remembers would find no listener at its foreign address.
  setSysctl("ipv4/tcp_syncookies", "0");
  // An echo cannot leave: ping shall say that, and not that it is forbidden.
  const group = process.getgid?.() ?? 0;
  setSysctl("ipv4/ping_group_range", `${group} ${group}`);
  if (setSysctl("ipv4/ip_unprivileged_port_start", "0")) return [];
  return ["/proc/sys cannot be written here: the program needs root to listen on ports below 1024"];
}

function existsInterface(name: string): boolean {
  return readFileSync("/proc/self/net/dev", "utf8").includes(`${name}:`);
}

function setSysctl(name: string, value: string): boolean {
  try {
    writeFileSync(`/proc/sys/net/${name}`, value);
    return true;
  } catch {
    return false;
  }
}

/** Hands descriptors over. Ours are closed: of a listener that two processes hold, each would get some connections. */
function give(message: KeeperMessage, descriptors: readonly number[]): void {
  channel.send({ text: JSON.stringify(message), descriptors });
  for (const descriptor of descriptors) kernel.closeDescriptor(descriptor);
}

function fail(step: string, error: unknown): never {
  give({ is: "failed", step, message: error instanceof Error ? error.message : String(error) }, []);
  process.exit(1);
}

/** @throws Error with what the program says */
function run(program: string, args: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { timeout: COMMAND_TIME_MS }, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${program}: ${stderr.trim() === "" ? error.message : stderr.trim()}`));
    });
    // One that ends early has said why.
    child.stdin?.on("error", () => undefined).end(input);
  });
}

function layOut({ ip, nft }: Layout): void {
  for (const [program, args, input] of [
    ["ip", ["-batch", "-"], ip],
    ["nft", ["-f", "-"], nft],
  ] as const) {
    if (input === "") continue;
    const result = spawnSync(program, args, { input, encoding: "utf8", timeout: COMMAND_TIME_MS });
    if (result.status !== 0) throw new Error(`${program}: ${result.error?.message ?? result.stderr.trim()}`);
  }
}
