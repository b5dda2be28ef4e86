import { gzipSync } from "node:zlib";
import t from "tap";
import {
  Descriptors,
  describedFile,
  grpcMessages,
  reflectionAnswer,
  reflectionQuestion,
} from "../../../../src/client/inspector/messages/index.ts";
import { protobuf } from "../../../../src/client/inspector/messages/protobuf.ts";

const money = `syntax = "proto3"; package shop; message Money { int64 cents = 1; string currency_code = 2; }`;
const cart = `syntax = "proto3"; package shop;
import "shop/money.proto"; import "google/protobuf/timestamp.proto";
message Item { string name = 1; Money price = 2; google.protobuf.Timestamp added = 3; enum Kind { TEA = 0; POT = 1; } Kind kind = 4; }
message Done { bool ok = 1; }
service Cart { rpc AddItem (Item) returns (Done); }`;
const path = "/shop.Cart/AddItem";

void t.test("a descriptor turns messages into JSON, in both directions", async (t) => {
  const descriptors = given();
  const { messages, note } = grpcMessages(framed(item()), { path, from: "client", headers: [] }, descriptors);
  t.equal(note, null);
  t.same(
    messages.map(({ kind, name }) => ({ kind, name })),
    [{ kind: "json", name: "shop.Item" }],
  );
  t.same(JSON.parse(messages[0]?.text ?? ""), {
    name: "Assam",
    price: { cents: "450", currencyCode: "EUR" },
    added: "2026-11-30T07:00:00Z",
    kind: "POT",
  });
  const done = grpcMessages(framed(Buffer.from([8, 1])), { path, from: "server", headers: [] }, descriptors);
  t.same(JSON.parse(done.messages[0]?.text ?? ""), { ok: true });
});

void t.test("without a descriptor fields are shown by number, and that is said", async (t) => {
  const none = new Descriptors();
  const { messages, note } = grpcMessages(framed(item()), { path, from: "client", headers: [] }, none);
  t.equal(messages[0]?.text.split("\n")[0], '1: "Assam"');
  t.match(note, "no descriptor");
});

void t.test(
  "a compressed message is unpacked by grpc-encoding, and shown as it is when it cannot be",
  async (t) => {
    const headers = [["grpc-encoding", "gzip"]] as const;
    const descriptors = given();
    const good = grpcMessages(framed(gzipSync(item()), 1), { path, from: "client", headers }, descriptors);
    t.equal(good.messages[0]?.kind, "json");
    const bad = grpcMessages(
      framed(Buffer.from("no gzip"), 1),
      { path, from: "client", headers },
      descriptors,
    );
    t.equal(bad.messages[0]?.kind, "undecoded");
  },
);

void t.test("a cut message is told, and garbage harms nobody", async (t) => {
  const descriptors = given();
  const whole = framed(item());
  for (let cut = 1; cut < whole.length; cut++) {
    const { messages, note } = grpcMessages(
      whole.subarray(0, cut),
      { path, from: "client", headers: [] },
      descriptors,
    );
    t.same([messages.length, note !== null], [0, true], `cut at ${cut}`);
  }
  for (let round = 0; round < 200; round++) {
    const noise = Buffer.from(Array.from({ length: 40 }, (_, at) => (round * 13 + at * at * 7 + at) & 0xff));
    t.doesNotThrow(() => grpcMessages(framed(noise), { path, from: "client", headers: [] }, descriptors));
    t.doesNotThrow(() =>
      grpcMessages(framed(noise), { path: "/a/b", from: "client", headers: [] }, descriptors),
    );
  }
});

void t.test("a .proto that cannot be read, or lacks an import, says so and changes nothing", async (t) => {
  const descriptors = given();
  const before = descriptors.files;
  t.throws(
    () => descriptors.add("bad.proto", Buffer.from('syntax = "proto3"; message {')),
    /bad\.proto.*line 1/,
  );
  t.throws(
    () => descriptors.add("lone.proto", Buffer.from('syntax = "proto3"; import "gone.proto";')),
    /gone\.proto/,
  );
  t.throws(() => descriptors.add("set.bin", Buffer.from("garbage")));
  t.same(descriptors.files, before);
});

void t.test("what a server's reflection tells is a descriptor", async (t) => {
  t.equal(reflectionQuestion({ list: true }).toString("latin1"), ":\x01*");
  const root = new protobuf.Root();
  protobuf.parse(
    `syntax = "proto3"; package a; message M { string s = 1; } service S { rpc Do (M) returns (M); }`,
    root,
  );
  root.resolveAll();
  const set = root.toDescriptor("proto3");
  // What was just made has the form that its name says.
  const files = (
    set as unknown as { file: { constructor: { encode(file: unknown): { finish(): Uint8Array } } }[] }
  ).file;
  const bytes = files.map((file) => Buffer.from(file.constructor.encode(file).finish()));
  const answer = reflectionAnswer(
    Buffer.concat([
      Buffer.from([0x22]),
      prefixed(Buffer.concat([Buffer.from([0x0a]), prefixed(bytes[0] ?? Buffer.alloc(0))])),
    ]),
  );
  t.ok("files" in answer);
  if (!("files" in answer)) return;
  t.same(describedFile(answer.files[0] ?? Buffer.alloc(0)).needs, []);
  const descriptors = new Descriptors();
  descriptors.addReflected("reflected", answer.files);
  t.same(descriptors.files, [{ name: "reflected", services: ["a.S"] }]);
  t.equal(
    descriptors.messageTypeOf("/a.S/Do", "server")?.toJson(Buffer.from([10, 1, 120])),
    '{\n  "s": "x"\n}',
  );
});

function given(): Descriptors {
  const descriptors = new Descriptors();
  descriptors.add("money.proto", Buffer.from(money));
  descriptors.add("cart.proto", Buffer.from(cart));
  return descriptors;
}

function item(): Buffer {
  const price = Buffer.from([8, 0xc2, 0x03, 0x12, 3, ...Buffer.from("EUR")]);
  const seconds = 1_796_022_000;
  const writer = protobuf.Writer.create().uint32(10).string("Assam").uint32(18).bytes(price);
  writer.uint32(26).fork().uint32(8).int64(seconds).ldelim().uint32(32).int32(1);
  return Buffer.from(writer.finish());
}

function framed(message: Buffer, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function prefixed(bytes: Buffer): Buffer {
  return Buffer.from(protobuf.Writer.create().bytes(bytes).finish());
}
