import t from "tap";
import { ResponseReader } from "../../../src/client/incoming/response-reader.ts";

/** What a reader makes of these pieces, as one line per event; neighbouring content is joined. */
function read(
  pieces: readonly Buffer[],
  request = { method: "GET", mayUpgrade: false },
  ends = false,
): string[] {
  const events: string[] = [];
  let content = "";
  const flush = (): void => {
    if (content !== "") events.push(`content ${content}`);
    content = "";
  };
  const note = (event: string): void => {
    flush();
    events.push(event);
  };
  const reader = new ResponseReader(request, {
    onInformational: (head) => note(`informational ${head.toString("latin1")}`),
    onResponse: (head) => note(`response ${head.toString("latin1")}`),
    onContent: (slice) => {
      content += slice.toString("latin1");
    },
    onComplete: (trailers) => note(`complete ${trailers}`),
  });
  for (const piece of pieces) {
    const fault = reader.read(piece);
    if (fault !== undefined) note(`fault ${fault}`);
  }
  if (ends) {
    const fault = reader.end();
    if (fault !== undefined) note(`fault ${fault}`);
  }
  flush();
  return events;
}

const messages = [
  "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello\r\n\r\nyo",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\n\r\n\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n",
  "HTTP/1.0 404 Not here\r\nX: \xe9\r\n\r\nuntil close",
  "HTTP/1.1 204 No Content\r\n\r\n",
];

void t.test("any split of the bytes gives the same answer", (t) => {
  for (const message of messages) {
    const bytes = Buffer.from(message, "latin1");
    const whole = read([bytes], undefined, true);
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    t.same(read(single, undefined, true), whole, "byte by byte");
    for (let cut = 1; cut < bytes.length; cut++) {
      const halves = [bytes.subarray(0, cut), bytes.subarray(cut)];
      if (JSON.stringify(read(halves, undefined, true)) !== JSON.stringify(whole))
        t.fail(`cut at ${cut} of ${message}`);
    }
    t.notMatch(whole.join("\n"), /fault/);
  }
  t.end();
});

void t.test("after a switch every byte is content, those behind the head in the same chunk too", (t) => {
  const bytes = Buffer.from("HTTP/1.1 101 Yes\r\nUpgrade: x\r\n\r\n\r\n\r\nraw", "latin1");
  t.same(read([bytes], { method: "GET", mayUpgrade: true }), [
    "response HTTP/1.1 101 Yes\r\nUpgrade: x\r\n\r\n",
    "content \r\n\r\nraw",
  ]);
  t.end();
});

void t.test("a program cannot send 1xx answers for ever", (t) => {
  const one = Buffer.from("HTTP/1.1 102 Processing\r\n\r\n");
  const events = read(Array.from({ length: 101 }, () => one));
  t.equal(events.at(-1), "fault it sent too many 1xx answers");
  t.end();
});

void t.test("a head that never ends is a fault before it fills the memory", (t) => {
  const events = read([
    Buffer.from("HTTP/1.1 200 OK\r\n"),
    ...Array.from({ length: 80 }, () => Buffer.alloc(1024, "a")),
  ]);
  t.match(events[0], /^fault its head is larger than/);
  t.end();
});
