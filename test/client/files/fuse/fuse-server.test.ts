import { constants } from "node:os";
import t from "tap";
import { FuseServer } from "../../../../src/client/files/fuse/fuse-server.ts";
import { MountedTree } from "../../../../src/client/files/fuse/mounted-tree.ts";
import { FilesError, RemoteFiles } from "../../../../src/client/files/index.ts";

const pod = { user: 0, group: 0 };

/** A server whose pod answers nothing but EIO, and what it told the kernel. */
function server(): { server: FuseServer; replies: Buffer[]; done: () => number; faults: unknown[] } {
  const replies: Buffer[] = [];
  const faults: unknown[] = [];
  let doneBytes = 0;
  const files = new RemoteFiles({
    open: () => {
      throw new FilesError("EIO");
    },
    process: null,
    writes: true,
  });
  const owners = { pod, shown: pod, others: "theirs" } as const;
  const fuse = new FuseServer({
    tree: new MountedTree({ files, owners, modeOf: () => "read-write" }),
    reply: (parts) => replies.push(Buffer.concat(parts)),
    onDone: (bytes) => (doneBytes += bytes),
    onFault: (error) => faults.push(error),
  });
  return { server: fuse, replies, done: () => doneBytes, faults };
}

function request(opcode: number, body: Buffer, about: { unique?: number; node?: number } = {}): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(40 + body.length, 0);
  header.writeUInt32LE(opcode, 4);
  header.writeUInt32LE(about.unique ?? 2, 8);
  header.writeUInt32LE(about.node ?? 1, 16);
  return Buffer.concat([header, body]);
}

/** The errno of an answer; 0 when it went well. */
const errnoIn = (reply: Buffer | undefined): number => -(reply?.readInt32LE(4) ?? 0);
const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

void t.test(
  "INIT is answered with the smaller of both versions, and with no flag that the kernel has not",
  async (t) => {
    const init = Buffer.alloc(64);
    [7, 31, 131_072, 0x1 | 0x8].forEach((word, index) => init.writeUInt32LE(word, index * 4));
    const { server: fuse, replies } = server();
    fuse.take(request(26, init));
    const [reply] = replies;
    t.equal(reply?.readUInt32LE(16), 7);
    t.equal(reply?.readUInt32LE(20), 31);
    t.equal(reply?.readUInt32LE(28), 0x1 | 0x8);
    init.writeUInt32LE(99, 4);
    fuse.take(request(26, init));
    t.equal(replies[1]?.readUInt32LE(20), 38);
    init.writeUInt32LE(6, 0);
    fuse.take(request(26, init));
    t.equal(errnoIn(replies[2]), constants.errno.EPROTO);
  },
);

void t.test(
  "what is not served is ENOSYS, what nobody has is ENOTTY, and a node that is unknown is ESTALE",
  async (t) => {
    const { server: fuse, replies } = server();
    fuse.take(request(22, Buffer.alloc(16), { unique: 4 }));
    fuse.take(request(39, Buffer.alloc(32), { unique: 6 }));
    fuse.take(request(3, Buffer.alloc(16), { unique: 8, node: 77 }));
    fuse.take(request(15, Buffer.alloc(40), { unique: 10 }));
    await settled();
    const { ENOSYS, ENOTTY, ESTALE, EBADF } = constants.errno;
    const byUnique = Object.fromEntries(replies.map((reply) => [reply.readUInt32LE(8), errnoIn(reply)]));
    t.same(byUnique, { 4: ENOSYS, 6: ENOTTY, 8: ESTALE, 10: EBADF });
  },
);

void t.test("FORGET and INTERRUPT have no answer", async (t) => {
  const { server: fuse, replies, done } = server();
  fuse.take(request(2, Buffer.alloc(8), { node: 5 }));
  fuse.take(request(36, Buffer.alloc(8)));
  await settled();
  t.same(replies, []);
  t.equal(done(), 96);
});

void t.test("each request is answered once or needs no answer, whatever is in it", async (t) => {
  let seed = 11;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const { server: fuse, replies, done } = server();
  let [bytes, count] = [0, 0];
  for (let turn = 0; turn < 3000; turn++) {
    const body = Buffer.from(Array.from({ length: random(100) }, () => random(256)));
    const opcode = random(54);
    const wrong = request(opcode, body, { unique: turn + 1, node: random(3) });
    if (random(20) === 0) wrong.writeUInt32LE(random(200), 0);
    fuse.take(wrong);
    bytes += wrong.length;
    count++;
  }
  await settled();
  t.equal(done(), bytes);
  const uniques = replies.map((reply) => reply.readUInt32LE(8));
  t.equal(new Set(uniques).size, uniques.length);
  t.ok(uniques.length > count / 2);
  for (const reply of replies) if (reply.readUInt32LE(0) !== reply.length) t.fail("a wrong length");
  fuse.close();
  fuse.close();
});

void t.test("what is under way when it is closed is given up without an answer", async (t) => {
  const { server: fuse, replies, done, faults } = server();
  const bytes = request(1, Buffer.from("name\0")); // LOOKUP
  fuse.take(bytes);
  fuse.close();
  await settled();
  t.same(replies, []);
  t.equal(done(), bytes.length, "it was under way, and has ended");
  t.same(faults, []);
});
