import { readFileSync } from "node:fs";
import { machine, release, type as sysname, version } from "node:os";
import { readLink } from "../../../../kernel/supervision/index.ts";
import type { MakeFastHandlers, Verdict } from "../../supervisor/index.ts";
import type { MachineNameConfig } from "./machine-name-module.ts";

/** `__NEW_UTS_LEN` and a NUL (linux/utsname.h); the same on every architecture. */
const FIELD_BYTES = 65;
/** PER_MASK and UNAME26 (linux/personality.h): a process that has asked for another kernel's name, or another machine's. */
const OTHER_NAMES = 0x00ff | 0x0002_0000;

const CONTINUE: Verdict = { as: "continue" };

/** uname(2), with the pod's host name in it and this machine's kernel. */
const makeFastHandlers: MakeFastHandlers<MachineNameConfig> = ({ config }) => {
  const ours = namespaceOf("self");
  const answer = utsname({
    ...{ sysname: sysname(), nodename: config.hostname, release: release() },
    ...{ version: version(), machine: machine(), domainname: domainname() },
  });
  return {
    uname: (call, caller) => {
      // Whoever has a namespace of its own has given it a name of its own.
      if (ours === null || namespaceOf(call.tid) !== ours || hasOtherNames(call.tid)) return CONTINUE;
      return caller.write(call.args[0], answer)
        ? { as: "value", value: 0, note: config.hostname }
        : { as: "errno", errno: "EFAULT" };
    },
  };
};

export default makeFastHandlers;

/** `struct utsname`, its fields in this order. */
function utsname(fields: Readonly<Record<string, string>>): Buffer {
  const values = Object.values(fields);
  const bytes = Buffer.alloc(values.length * FIELD_BYTES);
  // A NUL stays behind each.
  values.forEach((value, index) => bytes.write(value, index * FIELD_BYTES, FIELD_BYTES - 1, "latin1"));
  return bytes;
}

function namespaceOf(process: number | "self"): string | null {
  return readLink(`/proc/${process}/ns/uts`)?.toString("latin1") ?? null;
}

function hasOtherNames(tid: number): boolean {
  try {
    const personality = Number.parseInt(readFileSync(`/proc/${tid}/personality`, "latin1"), 16);
    return (personality & OTHER_NAMES) !== 0;
  } catch {
    return false; // It may not be looked at, and is one like all others.
  }
}

function domainname(): string {
  try {
    return readFileSync("/proc/sys/kernel/domainname", "utf8").trimEnd();
  } catch {
    return "(none)"; // as the kernel calls none
  }
}
