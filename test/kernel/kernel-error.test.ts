import t from "tap";
import { check, KernelError } from "../../src/kernel/kernel-error.ts";
import { localEndpoint, openListener } from "../../src/kernel/index.ts";

void t.test("errno(3): an error carries the name of its number and the call", async (t) => {
  const error = new KernelError("bind", 98);
  t.match(error, { name: "KernelError", code: "EADDRINUSE", syscall: "bind", message: "bind: EADDRINUSE" });
  t.equal(new KernelError("x", 99_999).code, "errno 99999");
});

void t.test("a result is given back, -1 becomes the errno of the call", async (t) => {
  t.equal(check("socket", 0), 0);
  t.equal(check("socket", 7), 7);
  t.throws(() => localEndpoint(-1), { name: "KernelError", code: "EBADF", syscall: "getsockname" });
  t.throws(
    () => openListener({ family: 4, address: "192.0.2.1", port: 0 }, { transparent: false, backlog: 1 }),
    {
      code: "EADDRNOTAVAIL",
      syscall: "bind",
    },
  );
});
