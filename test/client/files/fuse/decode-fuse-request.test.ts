import t from "tap";
import { decodeFuseRequest } from "../../../../src/client/files/fuse/decode-fuse-request.ts";

/** A request as the kernel lays it out: struct fuse_in_header, then words of 4 bytes (numbers), of 8 (bigints), and names. */
function request(opcode: number, ...fields: (number | bigint | string | Buffer)[]): Buffer {
  const body = fields.map((field) => {
    if (typeof field === "string") return Buffer.from(`${field}\0`, "latin1");
    if (Buffer.isBuffer(field)) return field;
    const bytes = Buffer.alloc(typeof field === "bigint" ? 8 : 4);
    if (typeof field === "bigint") bytes.writeBigInt64LE(field);
    else bytes.writeUInt32LE(field);
    return bytes;
  });
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40 + Buffer.concat(body).length, 0);
  header.writeUInt32LE(opcode, 4);
  header.writeBigUInt64LE(2n ** 40n + 6n, 8);
  header.writeBigUInt64LE(17n, 16);
  header.writeUInt32LE(4242, 32);
  return Buffer.concat([header, ...body]);
}

const cases: [what: string, bytes: Buffer, ask: object][] = [
  ["LOOKUP", request(1, "n\xffme"), { op: "lookup", name: "n\xffme" }],
  ["FORGET", request(2, 3n), { op: "forget", nodes: [{ node: 17, lookups: 3 }] }],
  ["GETATTR", request(3, 0, 0, 9n), { op: "getattr", handle: null }],
  ["GETATTR of a handle", request(3, 1, 0, 9n), { op: "getattr", handle: 9 }],
  [
    "SETATTR",
    request(
      4,
      0x1 | 0x4 | 0x8 | 0x10 | 0x40 | 0x100 | 0x20,
      0,
      9n,
      2n ** 41n,
      0n,
      -3n,
      5n,
      0n,
      7,
      8,
      0,
      0o644,
      0,
      11,
      12,
      0,
    ),
    {
      op: "setattr",
      handle: 9,
      changes: {
        mode: 0o644,
        user: null,
        group: 12,
        size: 2 ** 41,
        accessed: { seconds: -3, nanoseconds: 7 },
        modified: "now",
      },
    },
  ],
  ["READLINK", request(5), { op: "readlink" }],
  [
    "SYMLINK",
    request(6, "name", "../target"),
    { op: "symlink", name: "name", target: Buffer.from("../target") },
  ],
  ["MKNOD", request(8, 0o100600, 0, 0, 0, "file"), { op: "mknod", mode: 0o100600, name: "file" }],
  ["MKDIR", request(9, 0o700, 0o22, "folder"), { op: "mkdir", mode: 0o700, name: "folder" }],
  ["UNLINK", request(10, "name"), { op: "unlink", name: "name" }],
  ["RMDIR", request(11, "name"), { op: "rmdir", name: "name" }],
  [
    "RENAME",
    request(12, 5n, "old", "new"),
    { op: "rename", toParent: 5, flags: 0, name: "old", toName: "new" },
  ],
  [
    "RENAME2",
    request(45, 5n, 2, 0, "old", "new"),
    { op: "rename", toParent: 5, flags: 2, name: "old", toName: "new" },
  ],
  ["LINK", request(13, 5n, "name"), { op: "link", of: 5, name: "name" }],
  ["OPEN", request(14, 0o100002, 0), { op: "open", flags: 0o100002 }],
  [
    "READ",
    request(15, 1n, 2n ** 33n, 4096, 0, 0n, 0, 0),
    { op: "read", handle: 1, offset: 2 ** 33, size: 4096 },
  ],
  [
    "WRITE",
    request(16, 1n, 5n, 4, 1, 0n, 0o2001, 0, Buffer.from("data")),
    { op: "write", handle: 1, offset: 5, flags: 0o2001, isFromCache: true, data: Buffer.from("data") },
  ],
  ["STATFS", request(17), { op: "statfs" }],
  ["RELEASE", request(18, 1n, 0, 0, 0n), { op: "release", handle: 1 }],
  ["FSYNC", request(20, 1n, 1, 0), { op: "fsync", handle: 1, dataOnly: true }],
  ["FLUSH", request(25, 1n, 0, 0, 0n), { op: "flush", handle: 1 }],
  [
    "INIT",
    request(26, 7, 45, 131_072, 0xf3fffffb, 1, Buffer.alloc(44)),
    { op: "init", major: 7, minor: 45, maxReadAhead: 131_072, flags: 0xf3fffffb },
  ],
  ["OPENDIR", request(27, 0, 0), { op: "opendir" }],
  [
    "READDIR",
    request(28, 1n, -1n, 4096, 0, 0n, 0, 0),
    { op: "readdir", handle: 1, after: 2n ** 64n - 1n, size: 4096, withNodes: false },
  ],
  ["READDIRPLUS", request(44, 1n, 3n, 4096, 0, 0n, 0, 0), { op: "readdir", after: 3n, withNodes: true }],
  ["RELEASEDIR", request(29, 1n, 0, 0, 0n), { op: "releasedir", handle: 1 }],
  ["FSYNCDIR", request(30, 1n, 0, 0), { op: "fsyncdir", handle: 1, dataOnly: false }],
  ["ACCESS", request(34, 4, 0), { op: "access", mode: 4 }],
  [
    "CREATE",
    request(35, 0o301, 0o100644, 0o22, 0, "new"),
    { op: "create", flags: 0o301, mode: 0o100644, name: "new" },
  ],
  ["INTERRUPT", request(36, 2n ** 40n + 4n), { op: "interrupt", request: 2 ** 40 + 4 }],
  ["DESTROY", request(38), { op: "destroy" }],
  ["IOCTL", request(39, Buffer.alloc(32)), { op: "ioctl" }],
  [
    "BATCH_FORGET",
    request(42, 2, 0, 5n, 1n, 6n, 2n),
    {
      op: "forget",
      nodes: [
        { node: 5, lookups: 1 },
        { node: 6, lookups: 2 },
      ],
    },
  ],
  ["FALLOCATE", request(43, 1n, 2n, 3n, 1, 0), { op: "fallocate", handle: 1, offset: 2, length: 3, mode: 1 }],
  ["LSEEK", request(46, 1n, 2n, 4, 0), { op: "lseek", handle: 1, offset: 2, whence: 4 }],
  ["an opcode that is not served", request(99, 1), { op: "unknown", opcode: 99 }],
];

for (const [what, bytes, ask] of cases) {
  void t.test(`linux/fuse.h: ${what} is read as the kernel lays it out`, async (t) => {
    t.match(decodeFuseRequest(bytes), { unique: 2 ** 40 + 6, node: 17, pid: 4242, ask });
  });
}

void t.test("what does not hold together is a RangeError and nothing worse", async (t) => {
  const whole = request(16, 1n, 5n, 4, 0, 0n, 0, 0, Buffer.from("data"));
  const wrong = Buffer.from(whole);
  wrong.writeUInt32LE(5, 40 + 16);
  const unended = request(1, Buffer.from("name"));
  for (const bytes of [whole.subarray(0, -1), Buffer.alloc(3), wrong, unended, request(42, 3, 0, 1n, 1n)])
    t.throws(() => decodeFuseRequest(bytes), RangeError);
});
