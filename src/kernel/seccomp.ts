import { readFileSync } from "node:fs";
import { check, KernelError } from "./kernel-error.ts";
import { close, lastErrno } from "./libc.ts";
import {
  addressOf,
  ioctl,
  prctl,
  sigprocmask,
  syscallWithNumbers,
  syscallWithPointer,
} from "./libc-process.ts";
import { callArchitecture, callNumber } from "./system-call-numbers.ts";

/** seccomp(2) */
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_GET_ACTION_AVAIL = 2;
const SECCOMP_GET_NOTIF_SIZES = 3;
const FLAG_NEW_LISTENER = 1 << 3;
/** Linux 5.19: once we have a call, only a deadly signal takes its caller away. */
const FLAG_WAIT_KILLABLE_RECV = 1 << 5;
const SECCOMP_RET_USER_NOTIF = 0x7fc00000;
const PR_SET_NO_NEW_PRIVS = 38;
/** linux/audit.h: the architecture whose system calls a call is of. */
const auditArchitectures = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;

/** linux/seccomp.h; the size of the structure is part of each number. */
const NOTIF_RECV = 0xc0502100;
const NOTIF_SEND = 0xc0182101;
const NOTIF_ID_VALID = 0x40082102;
const NOTIF_ADDFD = 0x40182103;
const USER_NOTIF_FLAG_CONTINUE = 1;
const ADDFD_FLAG_SETFD = 1;
const ADDFD_FLAG_SEND = 2;
const O_CLOEXEC = 0o2000000;
const NOTIFICATION_BYTES = 80;
const RESPONSE_BYTES = 24;

/** sigprocmask(2) */
const SIG_BLOCK = 0;
const SIG_SETMASK = 2;
const allSignals = Buffer.alloc(128, 0xff);

const ENOENT = 2;
const EINTR = 4;
const EACCES = 13;
const EINVAL = 22;

/** A system call that the kernel holds, as struct seccomp_notif tells it. */
export interface SeccompNotification {
  readonly id: bigint;
  readonly tid: number;
  readonly number: number;
  /** An AUDIT_ARCH number (linux/audit.h). */
  readonly architecture: number;
  readonly args: readonly [bigint, bigint, bigint, bigint, bigint, bigint];
}

/** The AUDIT_ARCH number of this machine's own calls. @throws KernelError `ENOSYS` where calls cannot be held at all */
export function nativeAuditArchitecture(): number {
  const architecture = callArchitecture();
  if (architecture === undefined) throw new KernelError("seccomp", 38);
  return auditArchitectures[architecture];
}

/**
 * Asks whether the kernel can hold calls for us, without changing anything; null when it can, otherwise the errno's name.
 * A container's own filter may refuse seccomp(2): then it is EPERM or ENOSYS.
 */
export function whyCallsCannotBeHeld(): string | null {
  if (callArchitecture() === undefined) return "ENOSYS";
  const action = Buffer.alloc(128);
  action.writeUInt32LE(SECCOMP_RET_USER_NOTIF);
  const result = syscallWithPointer(callNumber("seccomp"), SECCOMP_GET_ACTION_AVAIL, 0, action);
  if (result === -1) return new KernelError("seccomp", lastErrno()).code;
  // Descriptors can be added to a caller since Linux 5.9, which is the first that says this, too (proc_pid_status(5)).
  return /^Seccomp_filters:/m.test(readFileSync("/proc/self/status", "latin1")) ? null : "ENOSYS";
}

/**
 * Puts a filter on the calling thread, and on what it starts from then on; gives the listener for the calls that it
 * holds. `program` are instructions of struct sock_filter. A filter can never be taken off again.
 *
 * Whoever lacks CAP_SYS_ADMIN must give up gaining privileges for it (no_new_privs): programs with setuid run without
 * their owner's rights then.
 * @throws KernelError `EBUSY` when a filter with a listener is already there, `EPERM`, `ENOSYS` where it is forbidden
 */
export function holdCallsOfThisThread(program: Uint8Array): number {
  const instructions = Buffer.alloc(Math.max(program.length, 128));
  instructions.set(program);
  // struct sock_fprog: a 16-bit count, and an address at the next multiple of eight.
  const description = Buffer.alloc(128);
  description.writeUInt16LE(program.length / 8, 0);
  description.writeBigUInt64LE(addressOf(instructions), 8);
  const install = (flags: number): number =>
    syscallWithPointer(callNumber("seccomp"), SECCOMP_SET_MODE_FILTER, flags, description);
  let flags = FLAG_NEW_LISTENER | FLAG_WAIT_KILLABLE_RECV;
  let listener = install(flags);
  if (listener === -1 && lastErrno() === EINVAL) {
    flags = FLAG_NEW_LISTENER;
    listener = install(flags);
  }
  if (listener === -1 && lastErrno() === EACCES) {
    check("prctl", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    listener = install(flags);
  }
  return check("seccomp", listener);
}

/** The number of the calling thread, as held calls name it. */
export function threadId(): number {
  return syscallWithNumbers(callNumber("gettid"), 0, 0, 0);
}

/**
 * Receives held calls and answers them. Each thread makes one of its own for the same listener; whoever opened the
 * listener closes it. Answers give false when nobody waits for them any more.
 */
export class SeccompListener {
  readonly fd: number;
  readonly #notification: Buffer;
  readonly #words: BigUint64Array;
  readonly #response: Buffer;
  readonly #addition = Buffer.alloc(128);
  readonly #formerSignals = Buffer.alloc(128);
  readonly #id = Buffer.alloc(128);

  constructor(fd: number) {
    this.fd = fd;
    const sizes = Buffer.alloc(128);
    check("seccomp", syscallWithPointer(callNumber("seccomp"), SECCOMP_GET_NOTIF_SIZES, 0, sizes));
    // A newer kernel may write more than the structures of today have.
    this.#notification = Buffer.alloc(Math.max(sizes.readUInt16LE(0), NOTIFICATION_BYTES, 128));
    this.#response = Buffer.alloc(Math.max(sizes.readUInt16LE(2), RESPONSE_BYTES, 128));
    this.#words = new BigUint64Array(this.#notification.buffer, this.#notification.byteOffset, 10);
  }

  /** The next held call; waits for one. Null when its caller went away in between. @throws KernelError */
  receive(): SeccompNotification | null {
    this.#notification.fill(0);
    if (ioctl(this.fd, NOTIF_RECV, this.#notification) === -1) {
      const errno = lastErrno();
      if (errno === ENOENT || errno === EINTR) return null;
      throw new KernelError("ioctl", errno);
    }
    const words = this.#words;
    // Ten words are there: the buffer is longer.
    const word = (index: number): bigint => words[index] as bigint;
    return {
      id: word(0),
      tid: this.#notification.readUInt32LE(8),
      number: this.#notification.readInt32LE(16),
      architecture: this.#notification.readUInt32LE(20),
      args: [word(4), word(5), word(6), word(7), word(8), word(9)],
    };
  }

  /** The kernel does the call itself. */
  continue(id: bigint): boolean {
    return this.#send({ id, value: 0n, error: 0, flags: USER_NOTIF_FLAG_CONTINUE });
  }

  giveValue(id: bigint, value: bigint): boolean {
    return this.#send({ id, value, error: 0, flags: 0 });
  }

  /** `errno` is the positive number. */
  giveError(id: bigint, errno: number): boolean {
    return this.#send({ id, value: 0n, error: -errno, flags: 0 });
  }

  /**
   * Puts a copy of a descriptor of ours into the caller's table and gives it as the call's value: 0, or the errno for which
   * it could not be put there, such as EMFILE; then the call still waits. ENOENT: nobody waits any more.
   */
  giveDescriptor(id: bigint, descriptor: { fd: number; closeOnExec: boolean; at?: number }): number {
    const errno = this.#add(id, descriptor, ADDFD_FLAG_SEND);
    if (errno >= 0) return 0;
    if (errno !== -EINVAL) return -errno;
    // Before Linux 5.14 it takes two steps.
    const added = this.#add(id, descriptor, 0);
    if (added < 0) return -added;
    return this.giveValue(id, BigInt(added)) ? 0 : ENOENT;
  }

  /** The same without giving it as the value, so that the call still waits; the new number, or a negative errno. */
  addDescriptor(id: bigint, descriptor: { fd: number; closeOnExec: boolean }): number {
    return this.#add(id, descriptor, 0);
  }

  /** Whether the call still waits for its answer. */
  isWaiting(id: bigint): boolean {
    this.#id.writeBigUInt64LE(id, 0);
    return ioctl(this.fd, NOTIF_ID_VALID, this.#id) === 0;
  }

  close(): void {
    close(this.fd);
  }

  /** The new number, or a negative errno. */
  #add(id: bigint, descriptor: { fd: number; closeOnExec: boolean; at?: number }, flags: number): number {
    const addition = this.#addition;
    addition.writeBigUInt64LE(id, 0);
    addition.writeUInt32LE(flags | (descriptor.at === undefined ? 0 : ADDFD_FLAG_SETFD), 8);
    addition.writeUInt32LE(descriptor.fd, 12);
    addition.writeUInt32LE(descriptor.at ?? 0, 16);
    addition.writeUInt32LE(descriptor.closeOnExec ? O_CLOEXEC : 0, 20);
    // A signal to this thread would break in while the caller takes the descriptor: then the call may have been answered
    // with 0 by the kernel, and nothing was added (seccomp_notify_addfd, Linux 6.18).
    sigprocmask(SIG_BLOCK, allSignals, this.#formerSignals);
    const result = ioctl(this.fd, NOTIF_ADDFD, addition);
    const outcome = result === -1 ? -lastErrno() : result;
    sigprocmask(SIG_SETMASK, this.#formerSignals, null);
    return outcome;
  }

  #send(answer: { id: bigint; value: bigint; error: number; flags: number }): boolean {
    const response = this.#response;
    response.writeBigUInt64LE(answer.id, 0);
    response.writeBigInt64LE(BigInt.asIntN(64, answer.value), 8);
    response.writeInt32LE(answer.error, 16);
    response.writeUInt32LE(answer.flags, 20);
    if (ioctl(this.fd, NOTIF_SEND, response) === 0) return true;
    const errno = lastErrno();
    if (errno === ENOENT) return false;
    throw new KernelError("ioctl", errno);
  }
}
