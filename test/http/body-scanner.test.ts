import t from "tap";
import { BodyScanner } from "../../src/http/body-scanner.ts";
import { CHUNKED, type Framing, lengthFraming, NO_BODY, UNTIL_CLOSE } from "../../src/http/framing.ts";
import { splitEvery } from "../fixtures/byte-splits.ts";

function scan(framing: Framing, text: string, pieceBytes = text.length) {
  const scanner = new BodyScanner(framing);
  let data = "";
  let taken = 0;
  for (const piece of splitEvery(Buffer.from(text), pieceBytes)) {
    const bytes = Buffer.from(piece);
    taken += scanner.scan(bytes, 0, bytes.length, (from, to) => (data += bytes.toString("latin1", from, to)));
  }
  return {
    state: scanner.state,
    data,
    taken,
    isCompleteAtEnd: scanner.isCompleteAtEnd,
    trailers: scanner.trailers,
  };
}

void t.test("RFC 9112 §6.3: no body is over before its first byte", async (t) => {
  t.equal(new BodyScanner(NO_BODY).state, "done");
  t.match(scan(NO_BODY, "next"), { taken: 0, data: "", isCompleteAtEnd: true });
});

void t.test("RFC 9112 §6.2: a length takes so many bytes and no more", async (t) => {
  for (const pieceBytes of [1, 3, 100]) {
    t.match(scan(lengthFraming(5), "hello, next", pieceBytes), { state: "done", data: "hello", taken: 5 });
    t.match(scan(lengthFraming(5), "hell", pieceBytes), {
      state: "more",
      data: "hell",
      isCompleteAtEnd: false,
    });
  }
});

void t.test("RFC 9112 §7.1: a chunked body is over behind its trailers", async (t) => {
  for (const pieceBytes of [1, 3, 100]) {
    t.match(scan(CHUNKED, "1\r\nx\r\n0\r\nA: 1\r\n\r\n", pieceBytes), {
      state: "done",
      data: "x",
      trailers: "A: 1\r\n",
      isCompleteAtEnd: true,
    });
    t.match(scan(CHUNKED, "1\r\nx\r\n0\r\n", pieceBytes), { state: "more", isCompleteAtEnd: false });
    t.match(scan(CHUNKED, "z", pieceBytes), { state: "ambiguous", isCompleteAtEnd: false });
  }
});

void t.test(
  "RFC 9112 §6.3 rule 8: a body until close takes everything, and the end completes it",
  async (t) => {
    t.match(scan(UNTIL_CLOSE, "any\r\n\r\nthing"), {
      state: "more",
      data: "any\r\n\r\nthing",
      isCompleteAtEnd: true,
    });
  },
);

void t.test("lengths beyond 2^32 are counted exactly", async (t) => {
  const scanner = new BodyScanner(lengthFraming(2 ** 40 + 1));
  const bytes = Buffer.alloc(1_000);
  t.equal(scanner.scan(bytes, 0, 1_000), 1_000);
  t.equal(scanner.state, "more");
});
