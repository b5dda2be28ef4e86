import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Endpoint } from "../../../../../kernel/index.ts";
import { isLoopback } from "../program-address.ts";

/** Sockets that are remembered; of more, the first are forgotten, and what is sent to them leaves for the pod's localhost. */
const MAX_SOCKETS = 16_384;

/** The program's own sockets of UDP, as far as it has bound or used them: what it sends to itself stays here. */
export class ProgramDatagramSockets {
  /** By inode: the port that the program has said it bound; undefined where the kernel chose one. */
  readonly #sockets = new Map<number, number | undefined>();
  readonly #podAddresses: readonly string[];

  constructor({ podAddresses }: { podAddresses: readonly string[] }) {
    this.#podAddresses = podAddresses;
  }

  /** The program has such a socket. */
  add(inode: number, port?: number): void {
    if (this.#sockets.has(inode) && port === undefined) return;
    this.#sockets.delete(inode);
    if (this.#sockets.size >= MAX_SOCKETS)
      for (const first of this.#sockets.keys()) {
        this.#sockets.delete(first);
        break;
      }
    this.#sockets.set(inode, port);
  }

  forget(inodes: Iterable<number>): void {
    for (const inode of inodes) this.#sockets.delete(inode);
  }

  /** Where in truth the program's own socket is that `to` names; undefined when there is none. */
  ownAt(to: Endpoint): Endpoint | undefined {
    if (this.#sockets.size === 0) return undefined;
    const isPods = this.#podAddresses.includes(to.address);
    if (!isPods && !isLoopback(to)) return undefined;
    for (const { inode, port: hostPort } of datagramSocketsNow()) {
      if (!this.#sockets.has(inode)) continue;
      if ((this.#sockets.get(inode) ?? hostPort) !== to.port) continue;
      return isPods
        ? { ...to, address: to.family === 4 ? "127.0.0.1" : "::1", port: hostPort }
        : { ...to, port: hostPort };
    }
    return undefined;
  }
}

interface DatagramSocketRow {
  readonly inode: number;
  readonly port: number;
}

const tables = ["/proc/self/net/udp", "/proc/self/net/udp6"];

/** All sockets of UDP in this network namespace (proc_pid_net(5)): few, even on a busy machine. */
function datagramSocketsNow(): DatagramSocketRow[] {
  return tables.flatMap((file) => {
    try {
      return parseRows(readFileSync(file, "latin1"));
    } catch {
      return []; // a kernel without this family
    }
  });
}

/** Their inodes, read beside the event loop. */
export async function inodesOfDatagramSockets(): Promise<Set<number>> {
  const texts = await Promise.all(tables.map((file) => readFile(file, "latin1").catch(() => "")));
  return new Set(texts.flatMap(parseRows).map(({ inode }) => inode));
}

function parseRows(text: string): DatagramSocketRow[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const columns = line.trim().split(/\s+/);
      const port = Number.parseInt(columns[1]?.split(":")[1] ?? "", 16);
      const inode = Number(columns[9]);
      return Number.isInteger(port) && Number.isInteger(inode) ? [{ inode, port }] : [];
    });
}
