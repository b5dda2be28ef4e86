import t from "tap";
import { ChunkScanner } from "../../src/http/chunk-scanner.ts";
import { MAX_CHUNK_LINE_BYTES, MAX_TRAILER_BYTES } from "../../src/http/limits.ts";
import { seededRandom, splitEvery, splitRandomly } from "../fixtures/byte-splits.ts";

/** Scans a body in pieces: its data, where it ended, and how. */
function scan(text: string, pieces: readonly Uint8Array[] = [Buffer.from(text, "latin1")]) {
  const scanner = new ChunkScanner();
  let data = "";
  let taken = 0;
  for (const piece of pieces) {
    const bytes = Buffer.from(piece);
    taken += scanner.scan(bytes, 0, bytes.length, (from, to) => (data += bytes.toString("latin1", from, to)));
    if (scanner.state !== "more") break;
  }
  return { state: scanner.state, data, taken, trailers: scanner.trailers };
}

void t.test("RFC 9112 §7.1: data is what lies in the chunks, the end is behind the empty line", async (t) => {
  const body = "4\r\nwiki\r\n00a\r\n0123456789\r\nF;x\r\n\r\n0\r\n\r\nGET / HT\r\n0\r\n\r\n";
  t.same(scan(`${body}GET /`), {
    state: "done",
    data: "wiki0123456789\r\n0\r\n\r\nGET / HT",
    taken: body.length,
    trailers: "",
  });
});

void t.test("RFC 9112 §7.1.1: extensions are passed over", async (t) => {
  for (const extension of [";a", ";a=b", ';a="b;c"', ";a;b=c", "; a = b", ";"])
    t.match(scan(`1${extension}\r\nx\r\n0${extension}\r\n\r\n`), { state: "done", data: "x" }, extension);
});

void t.test("RFC 9112 §7.1.2: trailers are given as they came", async (t) => {
  t.match(scan("0\r\nA: 1\r\nb:\t\xff \r\nC:\r\n\r\n"), {
    state: "done",
    trailers: "A: 1\r\nb:\t\xff \r\nC:\r\n",
  });
});

const malformed: [name: string, body: string][] = [
  ["no size", "\r\nx"],
  ["a size that is not hexadecimal", "g\r\n"],
  ["a sign", "+1\r\n"],
  ["0x", "0x1\r\n"],
  ["a blank before the size", " 1\r\nx\r\n"],
  ["a blank behind the size", "1 \r\nx\r\n"],
  ["a size of 14 digits", "00000000000001\r\n"],
  ["a bare LF behind the size", "1\nx\r\n"],
  ["CR without LF behind the size", "1\rx\r\n"],
  ["a bare LF in an extension", "1;a\nx\r\n"],
  ["a bare CR in an extension", "1;a\rb\r\nx\r\n"],
  ["NUL in an extension", "1;\0\r\nx\r\n"],
  ["data longer than its size", "1\r\nxy\r\n"],
  ["data without CRLF behind it", "1\r\nx2\r\n"],
  ["a bare LF behind data", "1\r\nx\n0\r\n\r\n"],
  ["CR CR behind data", "1\r\nx\r\r\n"],
  ["a trailer without a name", "0\r\n: 1\r\n"],
  ["a folded trailer", "0\r\nA: 1\r\n b\r\n"],
  ["a blank before a trailer's colon", "0\r\nA : 1\r\n"],
  ["a trailer without a colon", "0\r\nA\r\n"],
  ["a bare LF behind a trailer", "0\r\nA: 1\n\r\n"],
  ["a bare CR in a trailer", "0\r\nA: 1\rB\r\n"],
  ["NUL in a trailer", "0\r\nA: \0\r\n"],
  ["a bare LF as the empty line", "0\r\n\n"],
  ["CR without LF as the empty line", "0\r\n\rx"],
];
for (const [name, body] of malformed) {
  void t.test(`RFC 9112 §7.1: ${name} is ambiguous, and stays so`, async (t) => {
    t.equal(scan(body).state, "ambiguous");
    t.equal(scan(`2\r\nok\r\n${body}`).state, "ambiguous");
    const scanner = new ChunkScanner();
    const bytes = Buffer.from(body, "latin1");
    scanner.scan(bytes, 0, bytes.length);
    scanner.scan(Buffer.from("0\r\n\r\n"), 0, 5, () => t.fail("no data behind the fault"));
    t.equal(scanner.state, "ambiguous");
  });
}

void t.test("sizes of 13 digits are followed, exactly", async (t) => {
  const scanner = new ChunkScanner();
  scanner.scan(Buffer.from("fffffffffffff\r\n"), 0, 15);
  t.equal(scanner.state, "more");
  let bytes = 0;
  scanner.scan(Buffer.alloc(1_000), 0, 1_000, (from, to) => (bytes += to - from));
  t.equal(bytes, 1_000);
});

void t.test(
  "CVE-2023-39326: extensions of one chunk are bounded, and each chunk has its own bound",
  async (t) => {
    const longest = `1;${"x".repeat(MAX_CHUNK_LINE_BYTES - 1)}\r\nd\r\n`;
    t.match(scan(`${longest}${longest}0\r\n\r\n`), { state: "done", data: "dd" });
    t.equal(scan(`1;${"x".repeat(MAX_CHUNK_LINE_BYTES + 1)}`).state, "ambiguous");
  },
);

void t.test("trailers are bounded", async (t) => {
  const line = `A: ${"x".repeat(995)}\r\n`;
  t.equal(scan(`0\r\n${line.repeat(65)}\r\n`).state, "done");
  t.equal(scan(`0\r\n${line.repeat(MAX_TRAILER_BYTES / 1_000 + 1)}`).state, "ambiguous");
});

void t.test("one byte at a time, and any split, reads as all at once does", async (t) => {
  const random = seededRandom(9);
  const bodies = [
    'a;q="x"\r\n0123456789\r\n3\r\nabc\r\n0;l\r\nA: 1\r\nB:2\r\n\r\nrest',
    ...malformed.map(([, body]) => `3\r\nabc\r\n${body}`),
  ];
  for (const body of bodies) {
    const bytes = Buffer.from(body, "latin1");
    const whole = scan(body);
    t.same(scan(body, splitEvery(bytes, 1)), whole, body);
    for (let round = 0; round < 5; round++)
      t.same(scan(body, splitRandomly(bytes, { cuts: 4, random })), whole, body);
  }
});

void t.test("bytes outside the range are not looked at", async (t) => {
  const scanner = new ChunkScanner();
  const bytes = Buffer.from("\0\x001\r\nx\r\n0\r\n\r\n\0\0");
  t.equal(scanner.scan(bytes, 2, bytes.length), bytes.length - 2);
  t.equal(scanner.state, "done");
});
