import t from "tap";
import { eventStreamMessages } from "../../../../src/client/inspector/messages/index.ts";

void t.test("WHATWG HTML §9.2.6: lines make events, comments none", async (t) => {
  const stream =
    '\uFEFF: hello\ndata: one\n\nevent: add\r\ndata:{"a":1}\rdata\n\nid: 7\nretry: 10\n\ndata: last';
  const { messages, note } = eventStreamMessages(Buffer.from(stream));
  t.same(
    messages.map(({ kind, name, text }) => [kind, name, text]),
    [
      ["event", "message", "one"],
      ["json", "add", '{"a":1}\n'],
    ],
  );
  t.equal(note, "the last event has not ended");
});

void t.test("what is beyond the bound is counted", async (t) => {
  const { messages, left } = eventStreamMessages(Buffer.from("data: x\n\n".repeat(1_500)));
  t.same([messages.length, left], [1_000, 500]);
});
