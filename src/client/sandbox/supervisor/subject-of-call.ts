import type { HeldCall } from "./held-call.ts";
import type { SyscallName } from "./syscall-table.ts";

const AT_FDCWD = -100;

/** Calls whose first argument is a descriptor. */
const aboutDescriptors: ReadonlySet<SyscallName> = new Set([
  ...(["connect", "bind", "listen", "getsockname", "getpeername", "getsockopt", "setsockopt"] as const),
  ...(["sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg"] as const),
  ...(["openat", "openat2", "newfstatat", "statx", "faccessat", "faccessat2", "readlinkat"] as const),
  ...(["execveat", "utimensat", "fchmod", "fchown", "fchownat", "fchmodat2", "fchdir"] as const),
  ...(["fsetxattr", "fremovexattr"] as const),
]);

/** What a call is about, for `--trace`: where whoever has answered it does not say, the descriptor that it names. */
export function subjectOfCall({ name, args }: HeldCall, note = ""): string {
  if (note !== "") return note;
  if (!aboutDescriptors.has(name)) return "";
  const descriptor = Number(BigInt.asIntN(32, args[0]));
  return descriptor === AT_FDCWD ? "the working directory" : `descriptor ${descriptor}`;
}
