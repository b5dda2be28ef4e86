import t from "tap";
import { deflateRawSync, constants } from "node:zlib";
import { webSocketMessages } from "../../../../src/client/inspector/messages/index.ts";

void t.test("RFC 6455 §5.4: fragments are one message, with control frames between them", async (t) => {
  const bytes = Buffer.concat([
    frame(0x01, "Hel", { mask: true }),
    frame(0x89, "still there?"),
    frame(0x80, "lo", { mask: true }),
    frame(0x82, Buffer.from([0xca, 0xfe])),
    frame(0x81, '{"a":1}'),
    frame(0x88, Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.from("bye")])),
  ]);
  const { messages, left, note } = webSocketMessages(bytes, { headers: [], from: "client" });
  t.same(
    messages.map(({ kind, name, text }) => [kind, name, text]),
    [
      ["ping", "", Buffer.from("still there?").toString("hex")],
      ["text", "", "Hello"],
      ["binary", "", "cafe"],
      ["json", "", '{"a":1}'],
      ["close", "1000", "bye"],
    ],
  );
  t.same({ left, note }, { left: 0, note: null });
});

void t.test("RFC 7692 §7.2.3.3: a message leans on the one before it", async (t) => {
  const first = packed(Buffer.from("Hello Hello Hello"));
  // As a server with context takeover packs it: what was said before is its dictionary.
  const second = packed(Buffer.from("Hello Hello Hello again"), Buffer.from("Hello Hello Hello"));
  const bytes = Buffer.concat([frame(0xc1, first), frame(0xc1, second)]);
  const headers = [["Sec-WebSocket-Extensions", "permessage-deflate"]] as const;
  const { messages } = webSocketMessages(bytes, { headers, from: "server" });
  t.same(
    messages.map(({ text }) => text),
    ["Hello Hello Hello", "Hello Hello Hello again"],
  );
});

void t.test("a cut anywhere loses no message before it, and is told", async (t) => {
  const whole = Buffer.concat([
    frame(0x81, "one"),
    frame(0x81, "x".repeat(200)),
    frame(0x81, "y".repeat(70_000)),
  ]);
  const ends = [5, 5 + 204, 5 + 204 + 70_010];
  for (const cut of [
    0,
    1,
    2,
    4,
    5,
    6,
    8,
    9,
    100,
    208,
    209,
    210,
    218,
    219,
    60_000,
    whole.length - 1,
    whole.length,
  ]) {
    const { messages, note } = webSocketMessages(whole.subarray(0, cut), { headers: [], from: "server" });
    t.equal(messages.length, ends.filter((end) => end <= cut).length, `cut at ${cut}`);
    t.equal(note === null, cut === 0 || ends.includes(cut), `cut at ${cut}`);
  }
});

void t.test("garbage ends the list and nothing else", async (t) => {
  for (let round = 0; round < 200; round++) {
    const bytes = Buffer.from(
      Array.from({ length: 64 }, (_, at) => (round * 31 + at * 17 + at * at * round) & 0xff),
    );
    t.doesNotThrow(() => webSocketMessages(bytes, { headers: [], from: "client" }));
  }
});

function frame(first: number, said: string | Buffer, { mask = false } = {}): Buffer {
  const payload = Buffer.from(said);
  const size =
    payload.length < 126
      ? Buffer.from([payload.length])
      : payload.length < 65_536
        ? Buffer.from([126, payload.length >> 8, payload.length & 0xff])
        : Buffer.concat([Buffer.from([127, 0, 0, 0, 0]), uint32(payload.length)]);
  if (!mask) return Buffer.concat([Buffer.from([first]), size, payload]);
  size[0] = (size[0] ?? 0) | 0x80;
  const key = Buffer.from([1, 2, 3, 4]);
  const masked = Buffer.from(payload.map((byte, at) => byte ^ (key[at & 3] ?? 0)));
  return Buffer.concat([Buffer.from([first]), size, key, masked]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function packed(plain: Buffer, dictionary?: Buffer): Buffer {
  const options = {
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(dictionary === undefined ? {} : { dictionary }),
  };
  return deflateRawSync(plain, options).subarray(0, -4);
}
