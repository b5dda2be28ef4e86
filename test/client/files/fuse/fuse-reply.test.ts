import { constants } from "node:os";
import t from "tap";
import {
  ENTRY_BYTES,
  fuseAttributes,
  FuseEntries,
  fuseEntry,
  fuseError,
  fuseInit,
  fuseReply,
  type ShownAttributes,
} from "../../../../src/client/files/fuse/fuse-reply.ts";

const attributes: ShownAttributes = {
  inode: 2n ** 63n + 1n,
  size: 2 ** 40 + 3,
  blocks: 8,
  accessed: { seconds: -1, nanoseconds: 5 },
  modified: { seconds: 2 ** 33, nanoseconds: 6 },
  changed: { seconds: 3, nanoseconds: 7 },
  mode: 0o100644,
  links: 2,
  user: 10_001,
  group: 4_294_967_294,
  special: { major: 8, minor: 257 },
  blockBytes: 4096,
};

void t.test("an answer names its request and its own length; a failure is a negative errno", async (t) => {
  const answer = Buffer.concat(fuseReply(2 ** 33 + 2, [Buffer.from("12"), Buffer.from("3")]));
  t.equal(answer.readUInt32LE(0), answer.length);
  t.equal(answer.readInt32LE(4), 0);
  t.equal(answer.readBigUInt64LE(8), 2n ** 33n + 2n);
  t.equal(answer.subarray(16).toString(), "123");
  t.equal(fuseError(1, "ENOENT").readInt32LE(4), -constants.errno.ENOENT);
  t.equal(fuseError(1, "EWHATEVER").readInt32LE(4), -constants.errno.EIO);
});

void t.test("linux/fuse.h: struct fuse_attr_out and fuse_entry_out", async (t) => {
  const bytes = fuseAttributes(attributes, 1500);
  t.equal(bytes.length, 104);
  t.equal(bytes.readBigUInt64LE(0), 1n);
  t.equal(bytes.readUInt32LE(8), 500_000_000);
  const entry = fuseEntry(7, attributes, 1500);
  t.equal(entry.length, 128);
  t.equal(entry.readBigUInt64LE(0), 7n);
  t.same([entry.readBigUInt64LE(16), entry.readBigUInt64LE(24)], [1n, 1n]);
  t.same([entry.readUInt32LE(32), entry.readUInt32LE(36)], [500_000_000, 500_000_000]);
  const attr = entry.subarray(40);
  t.same(attr, bytes.subarray(16));
  t.equal(attr.readBigUInt64LE(0), 2n ** 63n + 1n);
  t.equal(attr.readBigUInt64LE(8), 2n ** 40n + 3n);
  t.same([attr.readBigInt64LE(24), attr.readBigInt64LE(32), attr.readBigInt64LE(40)], [-1n, 2n ** 33n, 3n]);
  t.same(
    [48, 52, 56].map((at) => attr.readUInt32LE(at)),
    [5, 6, 7],
  );
  t.same(
    [60, 64, 68, 72].map((at) => attr.readUInt32LE(at)),
    [0o100644, 2, 10_001, 4_294_967_294],
  );
  // 257 = 0x101: its upper bits stand above the major number.
  t.equal(attr.readUInt32LE(76), 0x01 | (8 << 8) | (0x100 << 12));
  t.equal(attr.readUInt32LE(80), 4096);
});

void t.test("that there is no such name is an entry without a node", async (t) => {
  const entry = fuseEntry(0, null, 1000);
  t.equal(entry.length, ENTRY_BYTES);
  t.equal(entry.readBigUInt64LE(0), 0n);
  t.equal(entry.readBigUInt64LE(16), 1n, "and that may be believed for a while");
});

void t.test(
  "linux/fuse.h: entries of a directory begin at multiples of eight, and no more are added than fit",
  async (t) => {
    const entries = new FuseEntries(24 + 8 + 24 + 8);
    const entry = (name: string) => ({ name: Buffer.from(name), inode: 5n, type: 8, cookie: 2n ** 63n - 1n });
    t.ok(entries.hasRoomFor(Buffer.from("abc"), false));
    entries.add(entry("abc"));
    t.notOk(entries.hasRoomFor(Buffer.from("123456789"), false));
    entries.add(entry("12345678"));
    const bytes = entries.written();
    t.equal(bytes.length, 64);
    t.equal(bytes.readBigUInt64LE(8), 2n ** 63n - 1n);
    t.equal(bytes.readUInt32LE(16), 3);
    t.equal(bytes.readUInt32LE(20), 8);
    t.equal(bytes.toString("latin1", 24, 27), "abc");
    t.equal(bytes.toString("latin1", 56, 64), "12345678");
    const withNodes = new FuseEntries(ENTRY_BYTES + 32);
    withNodes.add(entry("abc"), { id: 9, attributes, validMs: 1000 });
    t.equal(withNodes.written().readBigUInt64LE(0), 9n);
    t.equal(withNodes.written().toString("latin1", ENTRY_BYTES + 24, ENTRY_BYTES + 27), "abc");
  },
);

void t.test("linux/fuse.h: struct fuse_init_out", async (t) => {
  const bytes = fuseInit({
    minor: 31,
    maxReadAhead: 131_072,
    flags: 0x80000001,
    maxBackground: 64,
    maxWriteBytes: 1_048_576,
    maxPages: 256,
  });
  t.equal(bytes.length, 64);
  t.same(
    [0, 4, 8, 12, 20, 24].map((at) => bytes.readUInt32LE(at)),
    [7, 31, 131_072, 0x80000001, 1_048_576, 1],
  );
  t.same(
    [16, 18, 28].map((at) => bytes.readUInt16LE(at)),
    [64, 48, 256],
  );
});
