import t from "tap";
import { modeFor, readUmask } from "../../../../../src/client/sandbox/calls/path/read-umask.ts";

void t.test("what is made for a caller has its mask, whatever ours takes away", async (t) => {
  const before = process.umask(0o022);
  try {
    t.equal(readUmask("self"), 0o022);
    t.equal(readUmask(process.pid), 0o022);
    t.same(modeFor(process.pid, 0o666), { asked: 0o644, afterwards: undefined });
    // Of a process that is gone the strictest mask is taken; then ours takes nothing more away.
    t.same(modeFor(2 ** 22 + 1, 0o777), { asked: 0o700, afterwards: undefined });
  } finally {
    process.umask(before);
  }
});
