import { readFileSync } from "node:fs";

/**
 * Whether a thread has a signal waiting that its program handles: what it is doing would be interrupted by it, if the
 * kernel were doing it (signal(7)). False for a thread that is gone.
 */
export function hasHandledSignalPending(tid: number, procDirectory = "/proc"): boolean {
  let status: string;
  try {
    status = readFileSync(`${procDirectory}/${tid}/status`, "latin1");
  } catch {
    return false;
  }
  // Bit n - 1 for signal n, in hexadecimal digits (proc_pid_status(5)).
  const set = (name: string): bigint => {
    const digits = new RegExp(`^${name}:\\s*([0-9a-f]{1,32})$`, "m").exec(status)?.[1];
    return digits === undefined ? 0n : BigInt(`0x${digits}`);
  };
  return ((set("SigPnd") | set("ShdPnd")) & set("SigCgt") & ~set("SigBlk")) !== 0n;
}
