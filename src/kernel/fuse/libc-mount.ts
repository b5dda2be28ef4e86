import koffi from "../koffi.ts";

/**
 * The calls that make file systems (fsopen(2) and its kin), and those that take descriptors of other processes. They go
 * through syscall(2): C libraries have had functions for them only lately. Their numbers are the same everywhere.
 */
const libc = koffi.load(null);

type Call<Arguments extends unknown[]> = (...args: Arguments) => number;

// The casts cannot be wrong as long as each prototype says what its Call type says.
const callFsopen = libc.func("long syscall(long number, const char *name, unsigned int flags)") as Call<
  [number, string, number]
>;
const callFsconfig = libc.func(
  "long syscall(long number, int context, unsigned int command, const char *key, const char *value, int extra)",
) as Call<[number, number, number, string | null, string | null, number]>;
const callFsmount = libc.func(
  "long syscall(long number, int context, unsigned int flags, unsigned int attributes)",
) as Call<[number, number, number, number]>;
const callPidfdOpen = libc.func("long syscall(long number, int pid, unsigned int flags)") as Call<
  [number, number, number]
>;
const callPidfdGetfd = libc.func(
  "long syscall(long number, int process, int descriptor, unsigned int flags)",
) as Call<[number, number, number, number]>;

export const fsopen = (name: string, flags: number): number => callFsopen(430, name, flags);
export const fsconfig = (
  context: number,
  command: number,
  key: string | null,
  value: string | null,
): number => callFsconfig(431, context, command, key, value, 0);
export const fsmount = (context: number, flags: number, attributes: number): number =>
  callFsmount(432, context, flags, attributes);
export const pidfdOpen = (pid: number): number => callPidfdOpen(434, pid, 0);
export const pidfdGetfd = (process: number, descriptor: number): number =>
  callPidfdGetfd(438, process, descriptor, 0);
