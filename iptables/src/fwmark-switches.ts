/**
 * The switches of the kernel that carry a mark over to answers (ip-sysctl.rst). They belong to the network namespace of
 * the process that writes them, and do nothing to packets without a mark.
 *
 * - net.ipv4.tcp_fwmark_accept, for both families: an accepted socket takes the mark of its SYN, and so do all packets it sends.
 * - net.ipv4.fwmark_reflect and net.ipv6.fwmark_reflect: so do packets without a socket, above all the RST of a port where
 *   nobody listens. Without it a refused dial looks like one that nobody answers.
 */
import { readFile, writeFile } from "node:fs/promises";
import { runToolOrThrow, type ToolOptions } from "./tool.ts";

const ACCEPT = "/proc/sys/net/ipv4/tcp_fwmark_accept";
const REFLECT = ["/proc/sys/net/ipv4/fwmark_reflect", "/proc/sys/net/ipv6/fwmark_reflect"];

/** Whether accepted sockets take the mark. @throws an I/O error or NftError `command-failed` where it cannot be read. */
export async function readFwmarkAccept(options: ToolOptions): Promise<boolean> {
  const text = options.commandPrefix?.length
    ? await runToolOrThrow(["cat", ACCEPT], options)
    : await readFile(ACCEPT, "latin1");
  return text.trim() === "1";
}

/** Turns it on or off. @throws an I/O error or NftError `command-failed`; EROFS is usual in containers. */
export async function writeFwmarkAccept(on: boolean, options: ToolOptions): Promise<void> {
  await write(ACCEPT, on, options);
}

/** Has refusals marked, too, or not. Where that cannot be set (no IPv6, say) refused dials are only noticed later. */
export async function writeFwmarkReflect(on: boolean, options: ToolOptions): Promise<void> {
  await Promise.allSettled(REFLECT.map((path) => write(path, on, options)));
}

async function write(path: string, on: boolean, options: ToolOptions): Promise<void> {
  const value = on ? "1" : "0";
  if (options.commandPrefix?.length) await runToolOrThrow(["sh", "-c", `echo ${value} > ${path}`], options);
  else await writeFile(path, value);
}
