import t from "tap";
import {
  checkPriority,
  type Frame,
  FrameDecoder,
  goawayFrame,
  pingFrame,
  readGoaway,
  readPing,
  readRstStream,
  readWindowUpdate,
  rstStreamFrame,
  windowUpdateFrame,
} from "../../../src/http/index.ts";

function given<Value>(bytes: Buffer, read: (frame: Frame) => Value): Value {
  const values: Value[] = [];
  new FrameDecoder({ onFrame: (frame) => values.push(read(frame)), onData() {} }).push(bytes);
  return values[0] as Value; // One frame was pushed.
}

void t.test("payloads read as they were written", async (t) => {
  t.equal(given(rstStreamFrame(5, 8), readRstStream), 8);
  t.equal(given(windowUpdateFrame(5, 2 ** 31 - 1), readWindowUpdate), 2 ** 31 - 1);
  t.equal(given(pingFrame(Buffer.from("8 bytes!"), { ack: true }), readPing).toString(), "8 bytes!");
  const goaway = given(goawayFrame({ lastStreamId: 2 ** 31 - 1, code: 0, debugData: "why" }), readGoaway);
  t.match(
    { ...goaway, debugData: goaway.debugData.toString() },
    { lastStreamId: 2 ** 31 - 1, code: 0, debugData: "why" },
  );
});

void t.test("RFC 9113 §6.9: WINDOW_UPDATE by 0 ends its stream, or the connection", async (t) => {
  t.throws(() => given(windowUpdateFrame(5, 0), readWindowUpdate), { code: "window-increment", streamId: 5 });
  t.throws(() => given(windowUpdateFrame(0, 0), readWindowUpdate), { code: "window-increment", streamId: 0 });
});

void t.test("RFC 9113 §6.3: PRIORITY of 4 bytes, or on itself, ends its stream only", async (t) => {
  const priority = (payload: string): Buffer => Buffer.from(`0000${payload}`, "hex");
  t.throws(() => given(priority("04020000000005 00000001".replace(" ", "")), checkPriority), {
    code: "frame-size",
    streamId: 5,
  });
  t.throws(() => given(priority("050200000000058000000510"), checkPriority), {
    code: "self-dependency",
    streamId: 5,
  });
  t.doesNotThrow(() => given(priority("050200000000058000000310"), checkPriority));
});
