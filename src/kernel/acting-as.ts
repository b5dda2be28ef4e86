import { readFileSync } from "node:fs";
import type { FileIdentity } from "./files/file-identity.ts";
import { setgroups } from "./files/libc-files.ts";
import { check } from "./kernel-error.ts";
import { syscallWithNumbers } from "./libc-process.ts";

/** asm/unistd.h; by syscall(2), since the C library would change all threads (nptl(7)). */
const numbers =
  process.arch === "arm64" ? { setresuid: 147, setresgid: 149 } : { setresuid: 117, setresgid: 119 };
/** An id that is left as it is. */
const AS_IT_IS = 0xffffffff;

/**
 * Lets the calling thread, and no other, be somebody else for as long as `action` takes, which must not wait: others see
 * that user, and its rights count (credentials(7)). Where that takes more than the process may, it stays who it is.
 */
export function actingAs<Result>(identity: FileIdentity, action: () => Result): Result {
  // On Linux these are always there.
  const [user = 0, group = 0] = [process.geteuid?.(), process.getegid?.()];
  if (user === identity.user || user !== 0) return action();
  const groups = ownGroups();
  try {
    become(identity);
    return action();
  } finally {
    // The user first, whom the right to the others is bound to.
    check("setresuid", syscallWithNumbers(numbers.setresuid, AS_IT_IS, user, AS_IT_IS));
    check("setresgid", syscallWithNumbers(numbers.setresgid, AS_IT_IS, group, AS_IT_IS));
    setgroups(groups);
  }
}

/** Node's own list has the group of the process in it, whether the kernel's has or not. */
function ownGroups(): Uint32Array {
  const listed = /^Groups:(.*)$/m.exec(readFileSync("/proc/thread-self/status", "latin1"))?.[1] ?? "";
  return Uint32Array.from(listed.split(/\s+/).filter(Boolean).map(Number));
}

function become({ user, group, groups }: FileIdentity): void {
  if (setgroups(Uint32Array.from(groups)) === -1) return;
  if (syscallWithNumbers(numbers.setresgid, AS_IT_IS, group, AS_IT_IS) === -1) return;
  syscallWithNumbers(numbers.setresuid, AS_IT_IS, user, AS_IT_IS);
}
