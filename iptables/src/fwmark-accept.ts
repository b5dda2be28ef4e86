/**
 * net.ipv4.tcp_fwmark_accept (ip-sysctl.rst): an accepted socket takes the mark of its SYN, and so do all packets it sends.
 * The switch is one for both families, and belongs to the network namespace of the process that writes it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { runToolOrThrow, type ToolOptions } from "./tool.ts";

const SWITCH = "/proc/sys/net/ipv4/tcp_fwmark_accept";

/** Whether it is on. @throws an I/O error or NftError `command-failed` where it cannot be read. */
export async function readFwmarkAccept(options: ToolOptions): Promise<boolean> {
  const text = options.commandPrefix?.length
    ? await runToolOrThrow(["cat", SWITCH], options)
    : await readFile(SWITCH, "latin1");
  return text.trim() === "1";
}

/** Turns it on or off. @throws an I/O error or NftError `command-failed`; EROFS is usual in containers. */
export async function writeFwmarkAccept(on: boolean, options: ToolOptions): Promise<void> {
  const value = on ? "1" : "0";
  if (options.commandPrefix?.length) await runToolOrThrow(["sh", "-c", `echo ${value} > ${SWITCH}`], options);
  else await writeFile(SWITCH, value);
}
