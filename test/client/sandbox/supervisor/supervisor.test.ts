import t from "tap";
import { beginSupervised } from "../../../fixtures/begin-supervised.ts";

const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] as const;
const isRoot = process.geteuid?.() === 0;
const skip = !isRoot && "takes root, to become somebody else";

void t.test("an ordinary user can do it all, and his program gains no privileges", { skip }, async (t) => {
  const program = [
    "sh",
    "-c",
    "cat /held/file; readlink /held/link; grep NoNewPrivs /proc/self/status; exit 4",
  ];
  await using proc = await beginSupervised("held", program, { prefix: asNobody });
  t.match(await proc.exited, { code: 4 }, proc.output());
  t.match(proc.output(), /\non .*\nNoNewPrivs:\s1/);
});

void t.test("programs of root gain privileges as ever", { skip }, async (t) => {
  await using proc = await beginSupervised("held", ["grep", "NoNewPrivs", "/proc/self/status"]);
  t.match(await proc.exited, { code: 0 });
  t.match(proc.output(), /NoNewPrivs:\s0/);
});

void t.test("an ordinary user's program in a namespace of his is served", { skip }, async (t) => {
  const program = [
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "--",
    "sh",
    "-c",
    "cat /held/file; id -u",
  ];
  await using proc = await beginSupervised("held", program, { prefix: asNobody });
  t.match(await proc.exited, { code: 0 }, proc.output());
  t.match(proc.output(), /\n0$/);
});

void t.test(
  "the calls of a program that cannot be looked into fail, and it is named",
  { skip },
  async (t) => {
    const script = `
import ctypes
open("/etc/hostname")
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
try: open("/etc/hostname")
except OSError as error: print(error.strerror)`;
    await using proc = await beginSupervised("held", ["python3", "-c", script], { prefix: asNobody });
    t.match(await proc.exited, { code: 0 }, proc.output());
    t.match(proc.stdout, ["Permission denied"]);
    t.match(proc.output(), /notice: python\S* does not let itself be looked into/);
  },
);
