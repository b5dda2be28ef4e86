import t from "tap";
import { subjectOfCall } from "../../../../src/client/sandbox/supervisor/subject-of-call.ts";
import type { SyscallName } from "../../../../src/client/sandbox/supervisor/syscall-table.ts";

void t.test("a call is about what its answer says, or else the descriptor that it names", async (t) => {
  const call = (name: SyscallName, first: bigint) =>
    ({ id: 1n, tid: 1, name, args: [first, 0n, 0n, 0n, 0n, 0n] }) as const;
  t.equal(subjectOfCall(call("connect", 5n), "to 10.0.0.1:80"), "to 10.0.0.1:80");
  t.equal(subjectOfCall(call("connect", 5n)), "descriptor 5");
  t.equal(subjectOfCall(call("newfstatat", 0xffff_ff9cn), ""), "the working directory", "an int of 32 bits");
  t.equal(subjectOfCall(call("openat", 2n ** 64n - 100n)), "the working directory");
  t.equal(subjectOfCall(call("uname", 0x7fffn)), "", "an address says nothing");
});
