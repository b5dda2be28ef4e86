import { readSync } from "node:fs";
import t from "tap";
import { errnoOf } from "../../../src/agent/files/errno-of.ts";
import { FileRefusal } from "../../../src/agent/files/file-refusal.ts";
import { KernelError } from "../../../src/kernel/files/index.ts";

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

void t.test("whatever the kernel says of a file is told by its own name", async (t) => {
  t.equal(errnoOf(new KernelError("openat2", 2)), "ENOENT");
  t.equal(errnoOf(new FileRefusal("EROFS")), "EROFS");
  t.equal(errnoOf(thrownBy(() => readSync(99_999, Buffer.alloc(1)))), "EBADF");
  // As of a file on a server that has forgotten it; Node has no name for it (uv_err_name).
  const stale = Object.assign(new Error("x"), {
    ...{ errno: -116, code: "Unknown system error -116", syscall: "read" },
  });
  t.equal(errnoOf(stale), "ESTALE");
  t.equal(errnoOf(new Error("a fault of ours")), undefined);
});
