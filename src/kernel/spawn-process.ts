import { constants } from "node:os";
import { check, KernelError } from "./kernel-error.ts";
import * as process from "./libc-process.ts";
import { type OpenFileLimit, setOpenFileLimit } from "./open-file-limit.ts";

/** asm-generic/ioctls.h */
const FIONBIO = 0x5421;
const SPAWN_SETSIGDEF = 0x04;
const SPAWN_SETSIGMASK = 0x08;
/** Larger than glibc's and musl's structures, which are opaque (336 bytes at most). */
const OPAQUE_BYTES = 1024;
/** sigset_t of the C library. */
const SIGSET_BYTES = 128;

/** Signals that Node ignores, and two of glibc's own, which its posix_spawn(3) would make the program ignore. */
const asUsual = [constants.signals.SIGPIPE, constants.signals.SIGXFSZ, 32, 33];

/** A program as the kernel gets it. Text is passed in UTF-8. */
export interface ProcessToSpawn {
  /** A path, or a name that is looked for in our own PATH. */
  readonly file: string | Uint8Array;
  readonly argv: readonly (string | Uint8Array)[];
  /** `NAME=value` each. */
  readonly environment: readonly Uint8Array[];
  readonly workingDirectory?: string | Uint8Array | undefined;
  /** What it may have open at once; ours, when it is not given. */
  readonly openFiles?: OpenFileLimit | undefined;
}

/**
 * Starts a program as a child of this process, in our process group, with our own descriptors 0 to 2, and gives its pid.
 *
 * The calling thread's filter of system calls (seccomp(2)), its no_new_privs and its signal mask are the child's. Signals
 * that Node ignores are as they are by default there. Node marks its own 0 to 2 to be closed at exec; the copies onto
 * themselves take that mark away in the child. It also makes pipes among them not block, which programs do not expect, and the
 * child's are the very same (open(2)): they block again afterwards, ours too.
 * @throws KernelError with what kept it from starting, such as `ENOENT`, `EACCES`, `ENOEXEC`, `E2BIG`
 */
export function spawnProcess(program: ProcessToSpawn): number {
  const actions = Buffer.alloc(OPAQUE_BYTES);
  const attributes = Buffer.alloc(OPAQUE_BYTES);
  expect("posix_spawn_file_actions_init", process.spawnActionsInit(actions));
  expect("posix_spawnattr_init", process.spawnAttributesInit(attributes));
  try {
    for (const fd of [0, 1, 2]) {
      // Fails where nothing is open there, or it is nothing that could block.
      process.ioctl(fd, FIONBIO, new Uint8Array(4));
      expect("posix_spawn_file_actions_adddup2", process.spawnActionsAddDup2(actions, fd, fd));
    }
    if (program.workingDirectory !== undefined) {
      const path = terminated(program.workingDirectory);
      expect("posix_spawn_file_actions_addchdir_np", process.spawnActionsAddChdir(actions, path));
    }
    const mask = Buffer.alloc(SIGSET_BYTES);
    check("pthread_sigmask", process.sigprocmask(0, null, mask));
    expect("posix_spawnattr_setsigmask", process.spawnAttributesSetMask(attributes, mask));
    expect(
      "posix_spawnattr_setsigdefault",
      process.spawnAttributesSetDefaults(attributes, signalSet(asUsual)),
    );
    const flags = SPAWN_SETSIGDEF | SPAWN_SETSIGMASK;
    expect("posix_spawnattr_setflags", process.spawnAttributesSetFlags(attributes, flags));
    return spawn(program, { actions, attributes });
  } finally {
    process.spawnActionsDestroy(actions);
    process.spawnAttributesDestroy(attributes);
  }
}

function spawn(program: ProcessToSpawn, how: { actions: Uint8Array; attributes: Uint8Array }): number {
  const argv = textTable(program.argv);
  const environment = textTable(program.environment);
  const pid = [0];
  // The limit is the whole process's: for the millisecond of the call we have the child's.
  const former = program.openFiles === undefined ? undefined : setOpenFileLimit(program.openFiles);
  try {
    const file = terminated(program.file);
    expect(
      "posix_spawnp",
      process.posixSpawnp(pid, file, how.actions, how.attributes, argv.pointers, environment.pointers),
    );
  } finally {
    if (former !== undefined) setOpenFileLimit(former);
  }
  // The texts must live until here: the table holds their addresses only.
  if (argv.texts.length === 0 || environment.texts.length === 0) throw new RangeError("empty block of texts");
  return pid[0] as number; // written by the call
}

function expect(call: string, error: number): void {
  if (error !== 0) throw new KernelError(call, error);
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? Buffer.from(text) : text;
}

/** @throws KernelError `EINVAL` for a text with a NUL inside, which C would cut */
function terminated(text: string | Uint8Array): Buffer {
  const bytes = bytesOf(text);
  if (bytes.includes(0)) throw new KernelError("posix_spawnp", constants.errno.EINVAL);
  return Buffer.concat([bytes, Buffer.alloc(1)]);
}

/** A table of addresses that ends with NULL, as argv and environ are, and the texts behind it. */
function textTable(texts: readonly (string | Uint8Array)[]): { pointers: BigUint64Array; texts: Buffer } {
  const all = texts.map(terminated);
  // Never small, so that it is not moved.
  const block = Buffer.concat([...all, Buffer.alloc(128)]);
  const pointers = new BigUint64Array(Math.max(texts.length + 1, 16));
  let address = process.addressOf(block);
  all.forEach((text, index) => {
    pointers[index] = address;
    address += BigInt(text.length);
  });
  return { pointers, texts: block };
}

/** sigset_t: bit n - 1 for signal n (sigsetops(3)). */
function signalSet(signals: readonly number[]): Buffer {
  const set = Buffer.alloc(SIGSET_BYTES);
  for (const signal of signals) {
    const at = (signal - 1) >> 3;
    set[at] = (set[at] ?? 0) | (1 << ((signal - 1) & 7));
  }
  return set;
}
