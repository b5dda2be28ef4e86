import t from "tap";
import {
  FrameDecoder,
  type HeaderBlock,
  HeaderBlockAssembler,
  headersFrames,
  Http2Error,
  writeFrameHeader,
} from "../../../src/http/index.ts";
import { splitEvery } from "../../fixtures/byte-splits.ts";

const limits = { maxBlockBytes: 100_000, maxContinuations: 8 };

function assemble(pieces: readonly Uint8Array[], bounds = limits): { blocks: HeaderBlock[]; code: string } {
  const blocks: HeaderBlock[] = [];
  const assembler = new HeaderBlockAssembler(bounds);
  const decoder = new FrameDecoder({
    onFrame(frame) {
      const block = assembler.add(frame);
      if (block !== undefined) blocks.push(block);
    },
    onData() {},
  });
  try {
    for (const piece of pieces) decoder.push(Buffer.from(piece));
  } catch (error) {
    if (!(error instanceof Http2Error)) throw error;
    return { blocks, code: error.code };
  }
  return { blocks, code: "" };
}

function frame(header: { type: number; flags: number; streamId: number }, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  writeFrameHeader(bytes, 0, { ...header, length: payload.length });
  payload.copy(bytes, 9);
  return bytes;
}

void t.test("a block of several frames is put together, and its frames are kept as they came", async (t) => {
  const block = Buffer.from(Array.from({ length: 50_000 }, (_, index) => index & 255));
  const wire = headersFrames({ streamId: 7, block, endStream: true });
  t.equal(wire.length, block.length + 4 * 9);
  for (const pieces of [[wire], splitEvery(wire, 1), splitEvery(wire, 16_000)]) {
    const [got] = assemble(pieces).blocks;
    t.same(got?.block, block);
    t.same(Buffer.concat(got?.frames ?? []), wire);
    t.match(got, { streamId: 7, endStream: true, promisedStreamId: 0 });
  }
});

void t.test("frames that end exactly at the maximum need no empty CONTINUATION", async (t) => {
  t.equal(headersFrames({ streamId: 1, block: Buffer.alloc(16_384) }).length, 16_384 + 9);
  const push = headersFrames({ streamId: 1, block: Buffer.alloc(16_384), promisedStreamId: 4 });
  t.equal(push.length, 16_384 + 4 + 2 * 9);
  const [got] = assemble([push]).blocks;
  t.match(got, { promisedStreamId: 4, endStream: false });
  t.equal(got?.block.length, 16_384);
});

void t.test("padding and priority are taken off", async (t) => {
  const payload = Buffer.concat([
    Buffer.from([3]),
    Buffer.alloc(5, 1),
    Buffer.from("block"),
    Buffer.alloc(3),
  ]);
  const [got] = assemble([frame({ type: 1, flags: 0x2c, streamId: 1 }, payload)]).blocks;
  t.equal(got?.block.toString(), "block");
});

void t.test("RFC 9113 §6.2: padding that reaches into the priority ends the connection", async (t) => {
  const payload = Buffer.concat([Buffer.from([3]), Buffer.alloc(5), Buffer.alloc(2)]);
  t.equal(assemble([frame({ type: 1, flags: 0x2c, streamId: 1 }, payload)]).code, "frame-padding");
});

void t.test("CVE-2024-27316: CONTINUATIONs without end are refused by number, empty ones too", async (t) => {
  const flood = [frame({ type: 1, flags: 0, streamId: 1 }, Buffer.alloc(1))];
  for (let count = 0; count < 8; count++)
    flood.push(frame({ type: 9, flags: 0, streamId: 1 }, Buffer.alloc(0)));
  t.equal(assemble(flood).code, "");
  flood.push(frame({ type: 9, flags: 0, streamId: 1 }, Buffer.alloc(0)));
  t.equal(assemble(flood).code, "continuation-flood");
});

void t.test(
  "a block is refused by bytes as soon as it is above the bound, and the bound starts anew",
  async (t) => {
    const block = Buffer.alloc(60_000);
    const wire = Buffer.concat([
      headersFrames({ streamId: 1, block }),
      headersFrames({ streamId: 3, block }),
    ]);
    t.equal(assemble([wire]).blocks.length, 2);
    t.equal(assemble([wire], { ...limits, maxBlockBytes: 59_999 }).code, "continuation-flood");
  },
);
