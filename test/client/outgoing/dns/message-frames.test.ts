import t from "tap";
import { MessageFrames } from "../../../../src/client/outgoing/dns/message-frames.ts";

void t.test("messages come out of any split of the stream", async (t) => {
  const messages = [Buffer.from("one"), Buffer.alloc(0), Buffer.alloc(65_535, 7), Buffer.from("last")];
  const stream = Buffer.concat(messages.map((message) => MessageFrames.framed(message)));
  for (const step of [1, 2, 3, 1000, stream.length]) {
    const frames = new MessageFrames();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; at += step)
      found.push(...frames.push(stream.subarray(at, at + step)));
    t.same(found, messages, `${step} bytes at a time`);
  }
});
