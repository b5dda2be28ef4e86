import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import * as kernel from "../../../kernel/index.ts";
import {
  addressLayout,
  diversionPort,
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
import { layoutScript } from "./layout-scripts.ts";
import { endProcessesOf, networkOf } from "./namespace-processes.ts";

/**
 * The process that stands in the sandbox's namespaces: `unshare … -- sh -c … node keeper.ts <network> <layout>`, with a
 * channel as descriptor 3. `network` names magpie's own network namespace, which is not to be touched; `layout` is the
 * process that lays the network out meanwhile, and reports to magpie itself.
 *
 * It makes the sockets that only somebody inside can make, and hands them over. Then it waits for requests, and for the end
 * of the channel, which comes when magpie is gone, however it went: then it ends whatever is left in the namespace.
 */
const CHANNEL = 3;
/** Of sockets asked for at once. */
const MAX_SOCKETS = 64;
const COMMAND_TIME_MS = 10_000;

const [home = "", layoutProcess = ""] = process.argv.slice(2);
const network = networkOf("self");
if (network === home) throw new Error("the keeper is in no network namespace of its own");

const hasIPv6 = existsSync("/proc/sys/net/ipv6");
const channel = new kernel.DescriptorChannel(CHANNEL);
// A keeper that somebody has stopped must wake up to see the end of the channel.
kernel.signalOnParentDeath("SIGCONT");

begin();
// This process is killed in the end, and would keep nothing of what it has compiled.
flushCompileCache();
for (let next = channel.receive(); next !== undefined; next = channel.receive())
  answer(parseKeeperRequest(next.text));
endProcessesOf(network, { except: process.pid });
process.exit(0);

function begin(): void {
  try {
    const made = makeSockets();
    const notices = setSysctls();
    give({ is: "ready", names: [...made.keys()], notices }, [...made.values()]);
  } catch (error) {
    fail("sockets", error);
  }
}

function answer(request: KeeperRequest): void {
  if (request.ask === "sockets") {
    const fresh: number[] = [];
    for (let left = Math.min(request.count, MAX_SOCKETS); left > 0; left--)
      fresh.push(kernel.openUpstreamSocket({ family: request.family, mark: marks.ours }));
    return give({ is: "sockets", family: request.family }, fresh);
  }
  let step = "layout";
  try {
    // It has ended by now, and is ours since the shell became us.
    kernel.childChange(Number(layoutProcess));
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

/** @throws Error with what the programs say */
function layOut({ ip, nft }: Layout): void {
  const args = ["-c", layoutScript, "sh", ip, nft];
  const { stdout, stderr, error } = spawnSync("sh", args, { encoding: "utf8", timeout: COMMAND_TIME_MS });
  const said = error?.message ?? `${stderr}${stdout}`.trim();
  if (said !== "") throw new Error(said);
}
