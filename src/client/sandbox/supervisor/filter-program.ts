import type { CallArchitecture } from "../../../kernel/supervision/index.ts";
import { type ArgumentCondition, type HeldSyscall, nameOfHeld } from "./held-syscall.ts";
import { type SyscallName, syscallNumber } from "./syscall-table.ts";

/** What the kernel does with a call (seccomp(2)). */
export const filterActions = {
  allow: 0x7fff0000,
  hold: 0x7fc00000,
  /** SECCOMP_RET_ERRNO with ENOSYS. */
  refuse: 0x00050000 | 38,
} as const;

/** Classic BPF (linux/bpf_common.h): a word at an offset of struct seccomp_data, jumps by a constant, and return. */
const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const ARGUMENTS_AT = 16;
/** Calls of the x32 form of x86-64 have this bit in their number. */
const X32_BIT = 0x40000000;
/** Negative, as an int. */
const NO_NUMBER = 0x80000000;
/** linux/bpf_common.h, BPF_MAXINSNS */
const MAX_INSTRUCTIONS = 4096;

interface Instruction {
  readonly code: number;
  /** Instructions to skip when the condition holds, and when it does not. */
  readonly whenTrue: number;
  readonly whenFalse: number;
  readonly constant: number;
}

const auditArchitectures: Readonly<Record<CallArchitecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/**
 * The filter that holds these calls, as the bytes of an array of struct sock_filter. Several entries of one call are
 * alternatives. All else is allowed, and cheap: for calls whose arguments do not matter the kernel keeps the answer in a
 * bitmap and does not run the filter at all.
 *
 * Calls of another architecture, 32-bit or x32 code, are held one and all, since their numbers mean something else: whoever
 * answers them refuses them by name. io_uring would make calls that no filter sees, so it is refused (ENOSYS), and programs
 * do without, as on kernels and in containers that have none.
 */
export function filterProgram(held: readonly HeldSyscall[], architecture: CallArchitecture): Buffer {
  const program: Instruction[] = [
    load(ARCHITECTURE_AT),
    jump(JUMP_EQUAL, auditArchitectures[architecture], { whenTrue: 1, whenFalse: 0 }),
    give(filterActions.hold),
    load(NUMBER_AT),
  ];
  if (architecture === "x64") {
    program.push(
      // No number of any call: the kernel says ENOSYS.
      jump(JUMP_GREATER_OR_EQUAL, NO_NUMBER, { whenTrue: 0, whenFalse: 1 }),
      give(filterActions.allow),
      jump(JUMP_GREATER_OR_EQUAL, X32_BIT, { whenTrue: 0, whenFalse: 1 }),
      give(filterActions.hold),
    );
  }
  for (const [number, alternatives] of alternativesByNumber(held, architecture)) {
    const body = alternatives.some((conditions) => conditions.length === 0)
      ? [give(filterActions.hold)]
      : [...alternatives.flatMap(holdWhen), give(filterActions.allow)];
    program.push(...skipUnless(number, body));
  }
  const ring = syscallNumber("io_uring_setup", architecture);
  if (ring !== undefined) program.push(...skipUnless(ring, [give(filterActions.refuse)]));
  program.push(give(filterActions.allow));
  if (program.length > MAX_INSTRUCTIONS) throw new RangeError("too many system calls to hold");
  return encode(program);
}

function alternativesByNumber(
  held: readonly HeldSyscall[],
  architecture: CallArchitecture,
): Map<number, (readonly ArgumentCondition[])[]> {
  const found = new Map<number, (readonly ArgumentCondition[])[]>();
  for (const entry of held) {
    const number = syscallNumber(nameOfHeld(entry), architecture);
    if (number === undefined) continue;
    const alternatives = found.get(number) ?? [];
    alternatives.push(typeof entry === "string" ? [] : entry.when);
    found.set(number, alternatives);
  }
  return found;
}

/** Runs `body`, which ends in a return, for this number only. */
function skipUnless(number: number, body: readonly Instruction[]): Instruction[] {
  if (body.length > 255) throw new RangeError(`too many conditions for system call ${number}`);
  return [jump(JUMP_EQUAL, number, { whenTrue: 0, whenFalse: body.length }), ...body];
}

/** Holds when all conditions are met; otherwise goes on behind. */
function holdWhen(conditions: readonly ArgumentCondition[]): Instruction[] {
  const program: Instruction[] = [give(filterActions.hold)];
  for (const condition of conditions.toReversed()) program.unshift(...test(condition, program.length));
  return program;
}

/** Goes on with the next instruction when the condition is met, and skips `rest` more behind it when it is not. */
function test(condition: ArgumentCondition, rest: number): Instruction[] {
  const at = ARGUMENTS_AT + 8 * condition.argument;
  const low = Number(BigInt.asUintN(32, condition.value));
  const high = Number(BigInt.asUintN(32, condition.value >> 32n));
  // Both architectures are little-endian: the lower half comes first.
  const [loadLow, loadHigh] = [load(at), load(at + 4)];
  const isWide = condition.bits === 64;
  const code = condition.is === "equal-to" || condition.is === "other-than" ? JUMP_EQUAL : JUMP_ANY_BIT;
  const isMetByJump = condition.is === "equal-to" || condition.is === "any-bit-of";
  const met = { whenTrue: isMetByJump ? 0 : rest, whenFalse: isMetByJump ? rest : 0 };
  if (!isWide) return [loadLow, jump(code, low, met)];
  if (condition.is === "equal-to") {
    return [
      loadLow,
      jump(code, low, { whenTrue: 0, whenFalse: rest + 2 }),
      loadHigh,
      jump(code, high, { whenTrue: 0, whenFalse: rest }),
    ];
  }
  // A half that differs, or has such a bit, decides at once.
  if (condition.is === "other-than") {
    return [
      loadLow,
      jump(code, low, { whenTrue: 0, whenFalse: 2 }),
      loadHigh,
      jump(code, high, { whenTrue: rest, whenFalse: 0 }),
    ];
  }
  if (condition.is === "any-bit-of") {
    return [loadLow, jump(code, low, { whenTrue: 2, whenFalse: 0 }), loadHigh, jump(code, high, met)];
  }
  return [loadLow, jump(code, low, { whenTrue: rest + 2, whenFalse: 0 }), loadHigh, jump(code, high, met)];
}

function load(offset: number): Instruction {
  return { code: LOAD, whenTrue: 0, whenFalse: 0, constant: offset };
}

function jump(code: number, constant: number, where: { whenTrue: number; whenFalse: number }): Instruction {
  return { code, constant, ...where };
}

function give(action: number): Instruction {
  return { code: RETURN, whenTrue: 0, whenFalse: 0, constant: action };
}

/** struct sock_filter: a 16-bit code, two 8-bit jumps, a 32-bit constant (linux/filter.h). */
function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach((instruction, index) => {
    bytes.writeUInt16LE(instruction.code, index * 8);
    bytes.writeUInt8(instruction.whenTrue, index * 8 + 2);
    bytes.writeUInt8(instruction.whenFalse, index * 8 + 3);
    bytes.writeUInt32LE(instruction.constant >>> 0, index * 8 + 4);
  });
  return bytes;
}

/** For those who list what a module wants: names without their conditions, each once. */
export function namesOf(held: readonly HeldSyscall[]): SyscallName[] {
  return [...new Set(held.map(nameOfHeld))];
}
