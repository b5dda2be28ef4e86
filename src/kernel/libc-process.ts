import koffi from "./koffi.ts";

/**
 * What the C library does for other processes: start them, wait for them, look into them, and answer their system calls.
 * As in `libc.ts`, each function is declared with the types of its man page (section 2 or 3), and only Linux is served.
 *
 * Two traps. `ioctl`, `prctl` and `syscall` are variadic in C; on x86-64 and arm64 integer and pointer arguments travel
 * alike in both forms, so they are declared with a fixed list, which costs much less per call. And what the kernel keeps
 * a pointer to between two calls must not move: memory of more than 64 bytes that `Buffer.alloc` gives does not.
 */
const libc = koffi.load(null);

type Call<Arguments extends unknown[]> = (...args: Arguments) => number;
/** The address of memory that is passed by number. */
type Address = bigint;

// The casts below cannot be wrong as long as each prototype says what its Call type says, as in `libc.ts`.
export const ioctl = libc.func("int ioctl(int fd, unsigned long request, void *argument)") as Call<
  [number, number, Uint8Array]
>;
/** poll(2) on memory that is laid out by hand: it is called for each held call. */
export const pollMemory = libc.func("int poll(void *entries, unsigned long count, int timeout)") as Call<
  [Int32Array, number, number]
>;
export const prctl = libc.func(
  "int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)",
) as Call<[number, number, number, number, number]>;
export const syscallWithPointer = libc.func(
  "long syscall(long number, unsigned int a, unsigned int b, void *c)",
) as Call<[number, number, number, Uint8Array | null]>;
export const syscallWithNumbers = libc.func(
  "long syscall(long number, unsigned int a, unsigned int b, unsigned int c)",
) as Call<[number, number, number, number]>;
export const processVmReadv = libc.func(
  "intptr_t process_vm_readv(int pid, void *local, unsigned long n, void *remote, unsigned long m, unsigned long flags)",
) as Call<[number, BigUint64Array, number, BigUint64Array, number, number]>;
export const processVmWritev = libc.func(
  "intptr_t process_vm_writev(int pid, void *local, unsigned long n, void *remote, unsigned long m, unsigned long flags)",
) as Call<[number, BigUint64Array, number, BigUint64Array, number, number]>;
export const readlink = libc.func("intptr_t readlink(const void *path, void *into, size_t size)") as Call<
  [Uint8Array, Uint8Array, number]
>;
export const waitid = libc.func("int waitid(int idtype, uint32_t id, void *info, int options)") as Call<
  [number, number, Uint8Array, number]
>;
export const getpgrp = libc.func("int getpgrp()") as Call<[]>;
export const tcgetpgrp = libc.func("int tcgetpgrp(int fd)") as Call<[number]>;
export const prlimit = libc.func(
  "int prlimit(int pid, int resource, const void *fresh, void *former)",
) as Call<[number, number, BigUint64Array | null, BigUint64Array | null]>;
export const sigprocmask = libc.func("int pthread_sigmask(int how, const void *set, void *former)") as Call<
  [number, Uint8Array | null, Uint8Array | null]
>;
/** signal(3) with SIG_DFL or SIG_IGN, which are numbers. */
export const setSignalAction = libc.func("intptr_t signal(int signal, intptr_t action)") as Call<
  [number, number]
>;

/** posix_spawn(3) and what belongs to it give an error number, and leave errno alone. */
export const posixSpawnp = libc.func(
  "int posix_spawnp(_Out_ int *pid, const void *file, const void *actions, const void *attributes, const void *argv, const void *envp)",
) as Call<[number[], Uint8Array, Uint8Array, Uint8Array, BigUint64Array, BigUint64Array]>;
export const spawnActionsInit = libc.func("int posix_spawn_file_actions_init(void *actions)") as Call<
  [Uint8Array]
>;
export const spawnActionsDestroy = libc.func("int posix_spawn_file_actions_destroy(void *actions)") as Call<
  [Uint8Array]
>;
export const spawnActionsAddDup2 = libc.func(
  "int posix_spawn_file_actions_adddup2(void *actions, int from, int to)",
) as Call<[Uint8Array, number, number]>;
/** Looked up when it is asked for, since it is of glibc 2.29 and musl 1.1.24. */
export function spawnActionsAddChdir(actions: Uint8Array, path: Uint8Array): number {
  addChdir ??= libc.func("int posix_spawn_file_actions_addchdir_np(void *actions, const void *path)") as Call<
    [Uint8Array, Uint8Array]
  >;
  return addChdir(actions, path);
}
let addChdir: Call<[Uint8Array, Uint8Array]> | undefined;
export const spawnAttributesInit = libc.func("int posix_spawnattr_init(void *attributes)") as Call<
  [Uint8Array]
>;
export const spawnAttributesDestroy = libc.func("int posix_spawnattr_destroy(void *attributes)") as Call<
  [Uint8Array]
>;
export const spawnAttributesSetFlags = libc.func(
  "int posix_spawnattr_setflags(void *attributes, short flags)",
) as Call<[Uint8Array, number]>;
export const spawnAttributesSetMask = libc.func(
  "int posix_spawnattr_setsigmask(void *attributes, const void *set)",
) as Call<[Uint8Array, Uint8Array]>;
export const spawnAttributesSetDefaults = libc.func(
  "int posix_spawnattr_setsigdefault(void *attributes, const void *set)",
) as Call<[Uint8Array, Uint8Array]>;

/** Where memory of ours is; valid as long as `memory` lives. */
export function addressOf(memory: ArrayBufferView): Address {
  return koffi.address(memory);
}
