import { MAX_NAME_LENGTH } from "./limits.ts";
import { objectOf, textField, type Untrusted, wholeField } from "./message-fields.ts";

/** A process as another one on the same machine can look it up, and know that it is the same one still. */
export interface ProcessIdentity {
  /** /proc/sys/kernel/random/boot_id: which machine, since which start. */
  readonly bootId: string;
  /** Inode of /proc/self/ns/pid: where `pid` counts. */
  readonly pidNamespace: number;
  readonly pid: number;
  /** Field 22 of /proc/pid/stat: pids are used again, this is not. */
  readonly startTime: number;
}

/** @throws ProtocolError `bad-message` */
export function processIdentity(from: Untrusted, name: string): ProcessIdentity {
  const about = objectOf(from[name], name);
  return {
    bootId: textField(about, "bootId", MAX_NAME_LENGTH),
    pidNamespace: wholeField(about, "pidNamespace"),
    pid: wholeField(about, "pid", { min: 1, max: 2 ** 31 - 1 }),
    startTime: wholeField(about, "startTime"),
  };
}
