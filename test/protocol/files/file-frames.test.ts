import t from "tap";
import {
  decodeFileAnswer,
  decodeFileQuestion,
  decodeFileQuestionHead,
  encodeFileAnswer,
  encodeFileQuestion,
  encodeReadAnswer,
  fileAnswerId,
  type FileAnswers,
  type FileAsk,
  type FileAttributes,
  FileFrameReader,
  type FileQuestion,
  MAX_FILE_DATA_BYTES,
  MAX_FILE_FRAME_BYTES,
  ProtocolError,
} from "../../../src/protocol/index.ts";

const path = Buffer.from("etc/app/conf");
const time = { seconds: -5, nanoseconds: 999_999_999 };
const changes = {
  mode: 0o644,
  user: 1,
  group: null,
  size: 2 ** 40,
  accessed: "now",
  modified: time,
} as const;

const questions: FileQuestion[] = [
  { ask: "look-up", path },
  { ask: "walk", path: Buffer.alloc(0) },
  { ask: "read-link", path },
  { ask: "open", path, flags: 21, mode: 0o600, firstBytes: 65_536 },
  { ask: "open-directory", path, maxBytes: 1000 },
  { ask: "make-directory", path, mode: 0o755 },
  { ask: "remove-directory", path },
  { ask: "unlink", path: Buffer.from([0xff, 0xfe]) },
  { ask: "rename", path, to: Buffer.from("b"), flags: 1 },
  { ask: "link", path, to: Buffer.from("b") },
  { ask: "make-link", path, target: Buffer.from("../../x//") },
  { ask: "change", path, changes },
  { ask: "space", path },
  { ask: "access", path, mode: 7 },
  { ask: "cancel", id: 4_294_967_295 },
  { ask: "read", handle: 1, offset: 2 ** 52, length: MAX_FILE_DATA_BYTES },
  { ask: "write", handle: 2, offset: 0, append: true, data: Buffer.from("bytes") },
  { ask: "close", handle: 3 },
  { ask: "flush", handle: 3 },
  { ask: "sync", handle: 3, dataOnly: true },
  { ask: "read-directory", handle: 4, after: 2n ** 64n - 1n, maxBytes: 4096 },
  { ask: "status", handle: 5 },
  {
    ask: "change-open",
    handle: 5,
    changes: { mode: null, user: null, group: null, size: null, accessed: null, modified: null },
  },
  { ask: "seek", handle: 5, offset: 7, to: "hole" },
  { ask: "allocate", handle: 5, mode: 3, offset: 1, length: 2 },
];

const attributes: FileAttributes = {
  mode: 0o100644,
  links: 2,
  user: 10_001,
  group: 4_294_967_294,
  inode: 2n ** 64n - 2n,
  device: { major: 254, minor: 3 },
  special: { major: 1, minor: 5 },
  size: 2 ** 43,
  blocks: 8,
  blockBytes: 4096,
  accessed: time,
  modified: { seconds: 2 ** 33, nanoseconds: 0 },
  changed: { seconds: 0, nanoseconds: 1 },
};
const target = Buffer.from("/etc/there");
const entries = [
  { name: Buffer.from("."), inode: 1n, type: 4, cookie: 1n, attributes: null },
  { name: Buffer.from([0x80]), inode: 2n ** 63n, type: 8, cookie: 2n ** 63n - 1n, attributes },
];
const answers: { [Ask in Exclude<FileAsk, "cancel">]: FileAnswers[Ask] } = {
  "look-up": { attributes, target: null },
  walk: {
    steps: [
      { path: Buffer.from("etc"), errno: null, attributes, target },
      { path: Buffer.from("etc/no"), errno: "ENOENT" },
    ],
  },
  "read-link": { target },
  open: { handle: 9, attributes, data: Buffer.from("first") },
  "open-directory": { handle: 9, attributes, entries },
  "make-directory": { attributes },
  "remove-directory": {},
  unlink: {},
  rename: {},
  link: { attributes },
  "make-link": { attributes },
  change: { attributes },
  space: { blockBytes: 4096, blocks: 1, free: 2, available: 3, files: 4, freeFiles: 5, maxNameBytes: 255 },
  access: {},
  read: { data: Buffer.from("data") },
  write: { written: 5 },
  close: {},
  flush: {},
  sync: {},
  "read-directory": { entries },
  status: { attributes },
  "change-open": { attributes },
  seek: { offset: 2 ** 50 },
  allocate: {},
};

/** The frames of a stream, when it comes in pieces of so many bytes. */
function framesIn(stream: Buffer, pieceBytes: number): Buffer[] {
  const frames: Buffer[] = [];
  const reader = new FileFrameReader((frame) => frames.push(frame));
  for (let at = 0; at < stream.length; at += pieceBytes) reader.push(stream.subarray(at, at + pieceBytes));
  return frames;
}

void t.test("each question comes out as it went in, however its stream is cut", async (t) => {
  const stream = Buffer.concat(questions.map((question, id) => encodeFileQuestion(id, question)));
  for (const pieceBytes of [1, 3, 7, stream.length]) {
    const frames = framesIn(stream, pieceBytes);
    t.same(
      frames.map((frame) => decodeFileQuestion(frame)),
      questions.map((question, id) => ({ id, question })),
    );
  }
});

void t.test("who hands a question on learns what it is about without reading all of it", async (t) => {
  const [frame] = framesIn(encodeFileQuestion(7, { ask: "close", handle: 5 }), 100);
  t.same(decodeFileQuestionHead(frame ?? Buffer.alloc(0)), { id: 7, ask: "close", handle: 5 });
});

void t.test("each answer comes out as it went in, however its stream is cut", async (t) => {
  const asks = Object.keys(answers) as (keyof typeof answers)[]; // The keys that were written above.
  const stream = Buffer.concat(
    asks.map((ask, id) => encodeFileAnswer<FileAsk>(id, ask, { errno: null, answer: answers[ask] })),
  );
  for (const pieceBytes of [1, 5, stream.length]) {
    framesIn(stream, pieceBytes).forEach((frame, id) => {
      const ask = asks[id] ?? "close";
      t.equal(fileAnswerId(frame), id);
      t.same(decodeFileAnswer<FileAsk>(ask, frame), { errno: null, answer: answers[ask] }, ask);
    });
  }
});

void t.test("a failure is told by the errno's name, whatever was asked", async (t) => {
  const [frame] = framesIn(encodeFileAnswer(1, "open", { errno: "ENOTEMPTY" }), 2);
  t.same(decodeFileAnswer("open", frame ?? Buffer.alloc(0)), { errno: "ENOTEMPTY" });
});

void t.test(
  "data that is read goes into its frame without a copy, and may be less than there was room for",
  async (t) => {
    const frame = encodeReadAnswer(3, 100, (into) => into.write("some"));
    t.same(decodeFileAnswer("read", frame.subarray(4)), {
      errno: null,
      answer: { data: Buffer.from("some") },
    });
  },
);

void t.test("a length that no frame has is refused before anything is allocated", async (t) => {
  for (const length of [0, 4, MAX_FILE_FRAME_BYTES + 1, 0xffffffff]) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(length);
    t.throws(() => framesIn(bytes, 4), { code: "bad-frame" });
  }
});

void t.test("a path that could lead elsewhere is no question", async (t) => {
  for (const bad of ["/etc", "etc/", "a//b", ".", "..", "a/../b", "a/.", "a\0b", "x".repeat(4096)]) {
    const frame = encodeFileQuestion(1, { ask: "look-up", path: Buffer.from(bad) }).subarray(4);
    t.throws(() => decodeFileQuestion(frame), { code: "bad-payload" }, bad.slice(0, 10));
  }
  for (const good of ["...", "a/..b", "a/b..", ".a"]) {
    const frame = encodeFileQuestion(1, { ask: "look-up", path: Buffer.from(good) }).subarray(4);
    t.match(decodeFileQuestion(frame), { question: { path: Buffer.from(good) } });
  }
});

void t.test("what is cut, has too much, or is made up is a breach and nothing worse", async (t) => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % below;
  };
  const whole = questions.map((question, id) => encodeFileQuestion(id, question).subarray(4));
  for (const frame of whole) {
    for (const wrong of [frame.subarray(0, -1), Buffer.concat([frame, Buffer.of(0)])])
      t.throws(() => decodeFileQuestion(wrong), ProtocolError);
  }
  for (let turn = 0; turn < 3000; turn++) {
    const frame = Buffer.from(whole[random(whole.length)] ?? Buffer.alloc(5));
    for (let many = random(4); many >= 0; many--) frame[random(frame.length)] = random(256);
    for (const decode of [decodeFileQuestion, (bytes: Buffer) => decodeFileAnswer("open-directory", bytes)]) {
      try {
        decode(frame);
      } catch (error) {
        if (!(error instanceof ProtocolError)) t.fail("not a ProtocolError", { error });
      }
    }
  }
  t.pass();
});
