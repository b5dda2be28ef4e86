import { open, type FileHandle } from "node:fs/promises";
import { ipVersion } from "../../protocol/index.ts";

/** A listening TCP socket of this machine, as `/proc/net/tcp` and `/proc/net/tcp6` show it (proc_net_tcp(5)). */
export interface ListeningSocket {
  readonly address: string;
  readonly port: number;
  /** Names the socket as long as it lives; 0 for a socket whose owner has let go of it. */
  readonly inode: number;
}

const LISTEN = "0A";
const blockBytes = 4096;

/**
 * Reads every listening TCP socket of the network namespace this process is in.
 *
 * The kernel prints listeners first, so reading stops at the first other row. Yet it walks its whole table of
 * connections to find that row: 3.5 ms a table on an idle machine with 24 GB (2026-11-23, 1,000 reads in a loop).
 * Hence the reads run on the thread pool, and are not for every dial. A family that the kernel lacks counts as empty.
 */
export async function readListeningSockets(procDirectory = "/proc"): Promise<ListeningSocket[]> {
  const tables = await Promise.all([
    readListeningRows(`${procDirectory}/net/tcp`),
    readListeningRows(`${procDirectory}/net/tcp6`),
  ]);
  return tables.flatMap(parseSocketTable);
}

/** Gives the listening sockets of one table's text; rows in another state are left out, and so is a cut last row. */
export function parseSocketTable(text: string): ListeningSocket[] {
  const sockets: ListeningSocket[] = [];
  for (const line of text.split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    const [address, port] = (columns[1] ?? "").split(":");
    if (columns[3] !== LISTEN || address === undefined || port === undefined || columns[9] === undefined)
      continue;
    sockets.push({
      address: decodeAddress(address),
      port: Number.parseInt(port, 16),
      inode: Number(columns[9]),
    });
  }
  return sockets;
}

/**
 * Of the listeners on a port, those that the kernel may hand a connection to `address` to: the most specific ones.
 * An exact address wins over the wildcard of its family, and that over `::`, which may take IPv4 too (ipv6(7),
 * IPV6_V6ONLY). Several are left only where sockets share an address by SO_REUSEPORT.
 */
export function listenersFor(
  sockets: readonly ListeningSocket[],
  local: { address: string; port: number },
): ListeningSocket[] {
  const isIPv4 = ipVersion(local.address) === 4;
  const ranks = isIPv4
    ? [local.address, `::ffff:${local.address}`, "0.0.0.0", "::"]
    : [normaliseIPv6(local.address), "::"];
  for (const address of ranks) {
    const found = sockets.filter((socket) => socket.port === local.port && socket.address === address);
    if (found.length > 0) return found;
  }
  return [];
}

async function readListeningRows(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch {
    return ""; // IPv6 switched off: there is no such table
  }
  try {
    const block = Buffer.allocUnsafe(blockBytes);
    let text = "";
    for (;;) {
      const { bytesRead } = await file.read(block, 0, blockBytes, null);
      if (bytesRead === 0) return text;
      text += block.toString("latin1", 0, bytesRead);
      const lastRow = text.slice(0, text.lastIndexOf("\n")).split("\n").at(-1) ?? "";
      const state = lastRow.trim().split(/\s+/)[3];
      if (state !== undefined && state !== LISTEN && state !== "st") return text;
    }
  } finally {
    await file.close();
  }
}

/** Each group of eight digits is one word in the machine's own byte order, printed as a number. */
function decodeAddress(digits: string): string {
  const bytes: number[] = [];
  for (let word = 0; word < digits.length; word += 8) {
    const group = Buffer.from(digits.slice(word, word + 8), "hex");
    bytes.push(...(littleEndian ? group.reverse() : group));
  }
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  const address = normaliseIPv6(groups.join(":"));
  return address.startsWith("::ffff:") ? `::ffff:${bytes.slice(12).join(".")}` : address;
}

/** The one spelling of an IPv6 address that URLs give (RFC 5952 §4). */
function normaliseIPv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
