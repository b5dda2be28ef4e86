import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { FileKind, files } from "../../../src/kernel/index.ts";

const folder = mkdtempSync(join(tmpdir(), "file-calls-"));
const root = openSync(folder, files.O_PATH | constants.O_DIRECTORY);
t.teardown(() => {
  closeSync(root);
  rmSync(folder, { recursive: true });
});
const bytes = (text: string): Buffer => Buffer.from(text);

/** What a call with a descriptor gives; it is closed. */
function using<Result>(descriptor: number, use: (descriptor: number) => Result): Result {
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

void t.test("openat2(2): nothing above the root is opened, whatever leads there", async (t) => {
  writeFileSync(join(folder, "passwd"), "ours");
  symlinkSync("/passwd", join(folder, "absolute"));
  symlinkSync("../../../passwd", join(folder, "relative"));
  symlinkSync("/proc/self/root", join(folder, "magic"));
  for (const path of ["passwd", "absolute", "relative", "/passwd", "../../passwd"])
    t.equal(
      using(files.openInRoot(root, bytes(path), constants.O_RDONLY), (fd) => readFileSync(fd, "utf8")),
      "ours",
    );
  t.throws(() => files.openInRoot(root, bytes("magic/etc/passwd"), constants.O_RDONLY), { code: "ENOENT" });
  t.equal(
    using(files.openInRoot(root, Buffer.alloc(0), files.O_PATH), files.statusOf).inode,
    statSync(folder, { bigint: true }).ino,
  );
});

void t.test("statx(2) tells what lstat(2) does", async (t) => {
  writeFileSync(join(folder, "file"), "12345", { mode: 0o640 });
  const status = files.statusAt(root, bytes("file"));
  const stat = statSync(join(folder, "file"), { bigint: true });
  t.match(status, { mode: 0o100640, links: 1, size: 5, inode: stat.ino, blocks: Number(stat.blocks) });
  t.equal(
    BigInt(status.modified.seconds) * 1_000_000_000n + BigInt(status.modified.nanoseconds),
    stat.mtimeNs,
  );
  t.equal(BigInt(status.changed.seconds) * 1_000_000_000n + BigInt(status.changed.nanoseconds), stat.ctimeNs);
  t.equal(files.statusAt(root, bytes("absolute")).mode & FileKind.mask, FileKind.link);
  t.throws(() => files.statusAt(root, bytes("none")), { code: "ENOENT", syscall: "statx" });
});

void t.test("a descriptor of O_PATH is enough to change its file, and to open it again", async (t) => {
  writeFileSync(join(folder, "held"), "12345");
  using(files.openInRoot(root, bytes("held"), files.O_PATH | constants.O_NOFOLLOW), (held) => {
    files.changeMode(held, 0o600);
    files.changeSize(held, 3);
    files.changeTimes(held, { accessed: null, modified: { seconds: -2, nanoseconds: 5 } });
    files.changeOwner(held, 1234, null);
    t.match(files.statusOf(held), {
      mode: 0o100600,
      size: 3,
      user: 1234,
      group: 0,
      modified: { seconds: -2, nanoseconds: 5 },
    });
    using(files.reopen(held, constants.O_RDWR), (again) => {
      files.append(again, bytes("end"));
      t.equal(readFileSync(again, "utf8"), "123end");
      t.equal(files.seek(again, 1, "hole"), 6);
      t.throws(() => files.seek(again, 7, "data"), { code: "ENXIO" });
    });
  });
});

void t.test("getdents64(2): a directory is read on from any of its entries", async (t) => {
  mkdirSync(join(folder, "many"));
  const names = Array.from({ length: 50 }, (_, index) => `name-${index}`);
  for (const name of names) writeFileSync(join(folder, "many", name), "");
  using(files.openInRoot(root, bytes("many"), constants.O_RDONLY), (many) => {
    const all: ReturnType<typeof files.nextEntries> = [];
    for (
      let part = files.nextEntries(many, Buffer.alloc(512));
      part.length > 0;
      part = files.nextEntries(many, Buffer.alloc(512))
    )
      all.push(...part);
    t.same(all.map(({ name }) => name.toString()).toSorted(), [".", "..", ...names].toSorted());
    for (const at of [0, 17, 40]) {
      files.seekDirectory(many, all[at]?.cookie ?? 0n);
      t.same(files.nextEntries(many, Buffer.alloc(512))[0], all[at + 1]);
    }
  });
});
