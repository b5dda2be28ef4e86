import t from "tap";
import { filterActions, filterProgram } from "../../../../src/client/sandbox/supervisor/filter-program.ts";
import type {
  ArgumentCondition,
  HeldSyscall,
} from "../../../../src/client/sandbox/supervisor/held-syscall.ts";
import { syscallTable } from "../../../../src/client/sandbox/supervisor/syscall-table.ts";

interface SystemCall {
  readonly number: number;
  readonly architecture?: number;
  readonly args?: readonly bigint[];
}

const x64 = 0xc000003e;
const arm64 = 0xc00000b7;
const i386 = 0x40000003;
const { sendto, getsockopt, openat } = syscallTable;

/** Classic BPF as seccomp(2) allows it: loads of struct seccomp_data, comparisons with constants, returns. */
function runFilter(program: Buffer, call: SystemCall): number {
  const data = Buffer.alloc(64);
  data.writeInt32LE(call.number, 0);
  data.writeUInt32LE(call.architecture ?? x64, 4);
  for (const [index, value] of (call.args ?? []).entries())
    data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0, steps = 0; ; at++, steps++) {
    if (steps > 4096) throw new Error("the filter does not end");
    const code = program.readUInt16LE(at * 8);
    const constant = program.readUInt32LE(at * 8 + 4);
    const jump = (isMet: boolean): void => {
      at += program.readUInt8(at * 8 + (isMet ? 2 : 3));
    };
    switch (code) {
      case 0x20:
        accumulator = data.readUInt32LE(constant);
        break;
      case 0x15:
        jump(accumulator === constant);
        break;
      case 0x35:
        jump(accumulator >= constant);
        break;
      case 0x45:
        jump((accumulator & constant) !== 0);
        break;
      case 0x06:
        return constant;
      default:
        throw new Error(`no such instruction: ${code}`);
    }
  }
}

function isHeld(held: readonly HeldSyscall[], args: readonly bigint[]): boolean {
  return runFilter(filterProgram(held, "x64"), { number: sendto.x64, args }) === filterActions.hold;
}

void t.test("what is asked for is held, and nothing else", async (t) => {
  const program = filterProgram(["openat", "sendto"], "x64");
  for (const [name, { x64: number }] of Object.entries(syscallTable)) {
    if (number === null || name === "io_uring_setup") continue;
    const expected = name === "openat" || name === "sendto" ? filterActions.hold : filterActions.allow;
    t.equal(runFilter(program, { number }), expected, name);
  }
  const arm = filterProgram(["open", "openat"], "arm64");
  t.equal(runFilter(arm, { number: openat.arm64, architecture: arm64 }), filterActions.hold);
  // `open` is no call there, and its number on x86-64 must not be held.
  t.equal(runFilter(arm, { number: 2, architecture: arm64 }), filterActions.allow);
});

void t.test("calls of 32-bit and x32 code are held one and all", async (t) => {
  const program = filterProgram(["openat"], "x64");
  t.equal(runFilter(program, { number: 1, architecture: i386 }), filterActions.hold);
  t.equal(runFilter(program, { number: 0x40000000 | 1 }), filterActions.hold);
  t.equal(runFilter(program, { number: -1 }), filterActions.allow, "no call at all");
  t.equal(
    runFilter(filterProgram(["openat"], "arm64"), { number: 1, architecture: 0x40000028 }),
    filterActions.hold,
  );
});

void t.test("io_uring, which no filter sees into, is refused unless a module wants it", async (t) => {
  t.equal(runFilter(filterProgram(["openat"], "x64"), { number: 425 }), filterActions.refuse);
  t.equal(runFilter(filterProgram(["io_uring_setup"], "x64"), { number: 425 }), filterActions.hold);
});

void t.test("a condition looks at all 64 bits of an address, and at 32 of an int", async (t) => {
  const value = 0x1_0000_0002n;
  const cases: [ArgumentCondition["is"], 32 | 64, bigint[], bigint[]][] = [
    ["equal-to", 64, [value], [2n, 0x1_0000_0000n, 0n, 0x1_0000_0003n]],
    ["other-than", 64, [2n, 0x1_0000_0000n, 0n, 0x2_0000_0002n], [value]],
    ["any-bit-of", 64, [2n, 0x1_0000_0000n, value, -1n], [0n, 1n, 0x2_0000_0001n]],
    ["no-bit-of", 64, [0n, 1n, 0x2_0000_0001n], [2n, 0x1_0000_0000n, value]],
    ["equal-to", 32, [2n, value, 0x7_0000_0002n], [0n, 0x1_0000_0000n]],
    ["other-than", 32, [0n, 0x1_0000_0000n], [2n, value]],
    ["any-bit-of", 32, [2n, 3n, value], [0n, 1n, 0x1_0000_0000n]],
    ["no-bit-of", 32, [0n, 1n, 0x1_0000_0000n], [2n, 3n, value]],
  ];
  for (const [is, bits, held, free] of cases) {
    const rule: HeldSyscall = { name: "sendto", when: [{ argument: 4, bits, is, value }] };
    for (const argument of held)
      t.ok(isHeld([rule], [0n, 0n, 0n, 0n, argument]), `${is} ${bits} ${argument}`);
    for (const argument of free) {
      t.notOk(isHeld([rule], [0n, 0n, 0n, 0n, argument]), `${is} ${bits} ${argument}`);
    }
  }
});

void t.test("conditions of one entry must all be met, entries of one call are alternatives", async (t) => {
  const solSocket: ArgumentCondition = { argument: 1, bits: 32, is: "equal-to", value: 1n };
  const soError: ArgumentCondition = { argument: 2, bits: 32, is: "equal-to", value: 4n };
  const notNull: ArgumentCondition = { argument: 3, bits: 64, is: "other-than", value: 0n };
  const held: HeldSyscall[] = [
    { name: "getsockopt", when: [solSocket, soError, notNull] },
    { name: "getsockopt", when: [{ argument: 0, bits: 32, is: "equal-to", value: 99n }] },
    "connect",
  ];
  const program = filterProgram(held, "x64");
  const give = (...args: bigint[]): number => runFilter(program, { number: getsockopt.x64, args });
  t.equal(give(3n, 1n, 4n, 0x7fff_0000_0000n), filterActions.hold);
  t.equal(give(3n, 1n, 4n, 0n), filterActions.allow);
  t.equal(give(3n, 2n, 4n, 1n), filterActions.allow);
  t.equal(give(3n, 1n, 3n, 1n), filterActions.allow);
  t.equal(give(99n, 0n, 0n, 0n), filterActions.hold);
  t.equal(runFilter(program, { number: syscallTable.connect.x64 }), filterActions.hold, "others follow");
});

void t.test("one entry without conditions holds all calls of its name", async (t) => {
  const never: ArgumentCondition = { argument: 0, bits: 64, is: "equal-to", value: 77n };
  t.ok(isHeld([{ name: "sendto", when: [never] }, "sendto"], [0n]));
});

void t.test("a filter of every call that is known is still one that the kernel takes", async (t) => {
  const all = Object.keys(syscallTable) as (keyof typeof syscallTable)[]; // its own keys
  const program = filterProgram(all, "x64");
  t.ok(program.length / 8 < 4096);
  t.equal(runFilter(program, { number: openat.x64 }), filterActions.hold);
});
