import t from "tap";
import {
  dataFrameHeader,
  FrameDecoder,
  FrameFlag,
  FrameType,
  goawayFrame,
  headersFrames,
  Http2Error,
  pingFrame,
  RfcErrorCode,
  rstStreamFrame,
  SettingId,
  settingsAckFrame,
  settingsFrame,
  windowUpdateFrame,
  writeFrameHeader,
} from "../../../src/http/index.ts";
import { seededRandom, splitEvery, splitRandomly } from "../../fixtures/byte-splits.ts";

function frame(header: { type: number; flags?: number; streamId?: number }, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  writeFrameHeader(bytes, 0, { flags: 0, streamId: 0, ...header, length: payload.length });
  payload.copy(bytes, 9);
  return bytes;
}

/** What a decoder gave: frames as their bytes, DATA put together again from its pieces. */
function read(pieces: readonly Uint8Array[], maxFrameBytes = 16_384) {
  const frames: string[] = [];
  const content: string[] = [];
  let open: Buffer[] = [];
  const decoder = new FrameDecoder(
    {
      onFrame(got) {
        frames.push(
          `${got.type} ${got.flags} ${got.streamId} ${got.bytes.toString("hex", got.start, got.end)}`,
        );
      },
      onData(piece) {
        if (piece.isFirst !== (open.length === 0)) throw new Error("a first piece that is none");
        open.push(Buffer.from(piece.bytes.subarray(piece.start, piece.end)));
        if (piece.dataEnd > piece.dataStart)
          content.push(piece.bytes.toString("hex", piece.dataStart, piece.dataEnd));
        if (!piece.isLast) return;
        frames.push(`data ${piece.streamId} ${piece.payloadBytes} ${Buffer.concat(open).toString("hex")}`);
        open = [];
      },
    },
    { maxFrameBytes },
  );
  let code = "";
  try {
    // As from a read buffer that is used again: nothing may look at a chunk later.
    for (const piece of pieces) {
      const chunk = Buffer.from(piece);
      decoder.push(chunk);
      chunk.fill(0xdd);
    }
  } catch (error) {
    if (!(error instanceof Http2Error)) throw error;
    code = error.code;
  }
  return { frames, content: content.join(""), code, isAtBoundary: decoder.isAtBoundary };
}

const data = (streamId: number, payload: Buffer): Buffer =>
  Buffer.concat([dataFrameHeader({ streamId, length: payload.length, endStream: false }), payload]);
const padded = frame(
  { type: FrameType.data, flags: FrameFlag.padded, streamId: 5 },
  Buffer.concat([Buffer.from([200]), Buffer.alloc(30, 7), Buffer.alloc(200)]),
);
const valid = Buffer.concat([
  settingsFrame([{ id: SettingId.initialWindowSize, value: 1 }]),
  settingsAckFrame(),
  headersFrames({ streamId: 1, block: Buffer.alloc(40_000, 3), endStream: true }),
  headersFrames({ streamId: 1, block: Buffer.alloc(10, 3), promisedStreamId: 2 }),
  headersFrames({ streamId: 3, block: Buffer.alloc(0) }),
  data(1, Buffer.alloc(3_000, 1)),
  data(1, Buffer.alloc(0)),
  padded,
  frame({ type: FrameType.data, flags: FrameFlag.padded, streamId: 5 }, Buffer.from([0])),
  frame({ type: FrameType.data, flags: FrameFlag.padded, streamId: 5 }, Buffer.from([1, 0])),
  pingFrame(Buffer.alloc(8, 1), { ack: false }),
  rstStreamFrame(1, RfcErrorCode.cancel),
  windowUpdateFrame(0, 1_000),
  frame({ type: FrameType.priority, streamId: 9 }, Buffer.alloc(5)),
  frame({ type: 0x10, streamId: 0 }, Buffer.from("unknown types pass")),
  goawayFrame({ lastStreamId: 3, code: RfcErrorCode.noError, debugData: "bye" }),
]);

void t.test("one byte at a time reads as all at once, and every byte is given", async (t) => {
  const whole = read([valid]);
  t.equal(whole.code, "");
  t.equal(whole.isAtBoundary, true);
  t.same(read(splitEvery(valid, 1)), whole);
  t.equal(whole.frames.map((text) => text.split(" ").at(-1)).join(""), valid.toString("hex"));
  t.equal(whole.content, Buffer.concat([Buffer.alloc(3_000, 1), Buffer.alloc(30, 7)]).toString("hex"));
});

void t.test("any split reads alike (500 splits)", async (t) => {
  const random = seededRandom(1);
  const whole = JSON.stringify(read([valid]));
  for (let round = 0; round < 500; round++) {
    const pieces = splitRandomly(valid, { cuts: 1 + Math.floor(random() * 40), random });
    if (JSON.stringify(read(pieces)) !== whole) throw new Error(`round ${round}`);
  }
  t.pass();
});

const one = Buffer.alloc(1);
const faults: readonly (readonly [law: string, bytes: Buffer, code: string])[] = [
  ["RFC 9113 §4.2: longer than the maximum", frame({ type: 0x20 }, Buffer.alloc(16_385)), "frame-size"],
  ["RFC 9113 §6.1: DATA on stream 0", data(0, one), "frame-stream"],
  [
    "RFC 9113 §6.1: padded DATA without pad length",
    frame({ type: 0, flags: 8, streamId: 1 }, Buffer.alloc(0)),
    "frame-size",
  ],
  [
    "RFC 9113 §6.1: padding as long as the payload",
    frame({ type: 0, flags: 8, streamId: 1 }, Buffer.from([2, 0])),
    "frame-padding",
  ],
  ["RFC 9113 §6.2: HEADERS on stream 0", frame({ type: 1, flags: 4 }, one), "frame-stream"],
  [
    "RFC 9113 §6.2: HEADERS too short for its priority",
    frame({ type: 1, flags: 0x24, streamId: 1 }, Buffer.alloc(4)),
    "frame-size",
  ],
  ["RFC 9113 §6.3: PRIORITY on stream 0", frame({ type: 2 }, Buffer.alloc(5)), "frame-stream"],
  ["RFC 9113 §6.4: RST_STREAM on stream 0", rstStreamFrame(0, 8), "frame-stream"],
  ["RFC 9113 §6.4: RST_STREAM of 3 bytes", frame({ type: 3, streamId: 1 }, Buffer.alloc(3)), "frame-size"],
  ["RFC 9113 §6.5: SETTINGS on a stream", frame({ type: 4, streamId: 1 }, Buffer.alloc(6)), "frame-stream"],
  ["RFC 9113 §6.5: SETTINGS of 5 bytes", frame({ type: 4 }, Buffer.alloc(5)), "frame-size"],
  [
    "RFC 9113 §6.5: an acknowledgement with a payload",
    frame({ type: 4, flags: 1 }, Buffer.alloc(6)),
    "frame-size",
  ],
  ["RFC 9113 §6.6: PUSH_PROMISE too short", frame({ type: 5, streamId: 1 }, Buffer.alloc(3)), "frame-size"],
  ["RFC 9113 §6.7: PING on a stream", frame({ type: 6, streamId: 1 }, Buffer.alloc(8)), "frame-stream"],
  ["RFC 9113 §6.7: PING of 7 bytes", frame({ type: 6 }, Buffer.alloc(7)), "frame-size"],
  ["RFC 9113 §6.8: GOAWAY on a stream", frame({ type: 7, streamId: 1 }, Buffer.alloc(8)), "frame-stream"],
  ["RFC 9113 §6.8: GOAWAY of 7 bytes", frame({ type: 7 }, Buffer.alloc(7)), "frame-size"],
  ["RFC 9113 §6.9: WINDOW_UPDATE of 5 bytes", frame({ type: 8 }, Buffer.alloc(5)), "frame-size"],
  [
    "RFC 9113 §6.10: CONTINUATION without HEADERS",
    frame({ type: 9, streamId: 1 }, one),
    "continuation-unexpected",
  ],
  [
    "RFC 9113 §6.2: DATA inside a header block",
    Buffer.concat([frame({ type: 1, streamId: 1 }, one), data(1, one)]),
    "continuation-expected",
  ],
  [
    "RFC 9113 §6.10: CONTINUATION of another stream",
    Buffer.concat([frame({ type: 1, streamId: 1 }, one), frame({ type: 9, streamId: 3 }, one)]),
    "continuation-expected",
  ],
];
for (const [law, bytes, code] of faults) {
  void t.test(`${law} ends the connection, however it is cut`, async (t) => {
    t.equal(read([bytes]).code, code);
    t.equal(read(splitEvery(bytes, 1)).code, code);
  });
}

void t.test("a length above the maximum is refused by the header alone, before room is made", async (t) => {
  t.equal(read([Buffer.from("ffffff0100000000", "hex"), Buffer.from("01", "hex")]).code, "frame-size");
});

void t.test("after a fault, and after stop, nothing is given", async (t) => {
  let count = 0;
  const decoder: FrameDecoder = new FrameDecoder({
    onFrame() {
      count++;
      decoder.stop();
    },
    onData() {},
  });
  decoder.push(Buffer.concat([settingsAckFrame(), settingsAckFrame()]));
  decoder.push(settingsAckFrame());
  t.equal(count, 1);
});

void t.test("only between frames and header blocks may others be put in", async (t) => {
  t.equal(read([data(1, Buffer.alloc(9)).subarray(0, 12)]).isAtBoundary, false);
  t.equal(read([frame({ type: 1, streamId: 1 }, one)]).isAtBoundary, false);
  t.equal(read([frame({ type: 1, flags: 4, streamId: 1 }, one), Buffer.alloc(3)]).isAtBoundary, true);
});

void t.test(
  "garbage gives frames or the typed error, and the same for any split (20,000 cases)",
  async (t) => {
    const random = seededRandom(17);
    const seen = { read: 0, refused: 0 };
    for (let round = 0; round < 20_000; round++) {
      const parts = Array.from({ length: 1 + Math.floor(random() * 5) }, () => {
        const length = Math.floor(random() ** 2 * 40);
        const bytes = Buffer.from(Array.from({ length: 9 + length }, () => Math.floor(random() * 256)));
        bytes.writeUIntBE(random() < 0.9 ? length : Math.floor(random() * 2 ** 24), 0, 3);
        bytes[3] = Math.floor(random() * 12);
        bytes.writeUInt32BE(random() < 0.3 ? 0 : 1 + Math.floor(random() * 3), 5);
        return bytes;
      });
      const bytes = Buffer.concat(parts);
      const whole = read([bytes]);
      // Without a fault every split gives the same; with one, pieces of DATA before it may differ.
      const split = read(splitRandomly(bytes, { cuts: 5, random }));
      if (split.code !== whole.code || JSON.stringify(split.frames) !== JSON.stringify(whole.frames))
        throw new Error(bytes.toString("hex"));
      seen[whole.code === "" ? "read" : "refused"]++;
    }
    t.ok(seen.read > 500 && seen.refused > 500, JSON.stringify(seen));
  },
);

void t.test(
  "a frame that must be gathered is refused by its header above the limit; DATA is not gathered",
  async (t) => {
    const sizes: number[] = [];
    const decoder = new FrameDecoder(
      { onFrame: () => undefined, onData: (piece) => sizes.push(piece.payloadBytes) },
      { maxFrameBytes: 1 << 20, maxGatheredBytes: 100_000 },
    );
    decoder.push(dataFrameHeader({ streamId: 1, length: 1 << 20, endStream: false }));
    decoder.push(Buffer.alloc(1 << 20));
    t.ok(sizes.every((size) => size === 1 << 20));
    const headers = Buffer.alloc(9);
    writeFrameHeader(headers, 0, { type: FrameType.headers, flags: 0, streamId: 3, length: 100_001 });
    t.throws(() => decoder.push(headers), { code: "frame-size" });
  },
);
