import t from "tap";
import { isTokenCode, newFieldFacts, newMarks, scanFieldLines } from "../../src/http/field-lines.ts";
import { Fields } from "../../src/http/fields.ts";
import { MAX_FIELDS } from "../../src/http/limits.ts";

/** Scans field lines as they lie in a head: behind other bytes, before the empty line. */
function scan(lines: string) {
  const before = "junk GET / HTTP/1.1\r\n";
  const bytes = Buffer.from(`${before}${lines}\r\n`, "latin1");
  const facts = newFieldFacts();
  const marks = newMarks();
  const from = before.length;
  const headStart = "junk ".length;
  scanFieldLines(bytes, { headStart, from, end: bytes.length - 2 }, marks, facts);
  const text = bytes.toString("latin1", headStart);
  return { facts, pairs: new Fields(text, marks, facts.count).pairs() };
}

void t.test("RFC 9110 §5.6.2: token characters are those, and no others", async (t) => {
  const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]$/;
  for (let code = 0; code < 256; code++)
    t.equal(isTokenCode(code), token.test(String.fromCharCode(code)), `code ${code}`);
  t.equal(isTokenCode(Number.NaN), false);
});

void t.test(
  "RFC 9112 §5: names and values are kept as sent, without the blanks around a value",
  async (t) => {
    const { facts, pairs } = scan(
      "A: 1\r\nb:\t 2 \t\r\nA:\r\nX-Long:  a  b\t\xff\x80 \r\n!#$%&'*+-.^_`|~9:::\r\n",
    );
    t.equal(facts.ambiguity, undefined);
    t.same(pairs, [
      ["A", "1"],
      ["b", "2"],
      ["A", ""],
      ["X-Long", "a  b\t\xff\x80"],
      ["!#$%&'*+-.^_`|~9", "::"],
    ]);
  },
);

void t.test("no lines are no fields", async (t) => {
  t.same(scan(""), { facts: newFieldFacts(), pairs: [] });
});

void t.test("what decides framing and the connection is found in any case", async (t) => {
  const { facts } = scan(
    "HOST: a\r\nconTent-lengtH: 1\r\nTRANSFER-encoding: x\r\nConnection: x\r\nUPGRADE: y\r\nexpect: z\r\n",
  );
  t.match(facts, {
    hostIndex: 0,
    contentLengthIndex: 1,
    transferEncodingIndex: 2,
    hasConnection: true,
    hasUpgrade: true,
    hasExpect: true,
  });
});

void t.test("names of the same length are not taken for others", async (t) => {
  const { facts } = scan(
    "h\x60st: a\r\nhos_: a\r\ncontent_length: 1\r\ntransfer_encoding: x\r\nconnectio_: x\r\nupgrad_: y\r\nexpec_: z\r\n",
  );
  t.same(facts, { ...newFieldFacts(), count: 7 });
});

const faults: [name: string, lines: string, ambiguity: string][] = [
  ["RFC 9112 §5.1: a blank before the colon", "A : 1\r\n", "blank-before-colon"],
  ["RFC 9112 §5.1: a tab before the colon", "A\t: 1\r\n", "blank-before-colon"],
  ["RFC 9112 §5.2: a folded line", "A: 1\r\n  2\r\n", "folded-field-line"],
  ["RFC 9112 §5.2: a line folded by a tab", "A: 1\r\n\t2\r\n", "folded-field-line"],
  ["RFC 9112 §2.2: a first line that begins with a blank", " A: 1\r\n", "folded-field-line"],
  ["RFC 9112 §2.2: a bare LF behind a value", "A: 1\nB: 2\r\n", "bare-cr-or-lf"],
  ["RFC 9112 §2.2: a bare CR in a value", "A: 1\rB: 2\r\n", "bare-cr-or-lf"],
  ["RFC 9112 §2.2: CR CR LF", "A: 1\r\r\n", "bare-cr-or-lf"],
  ["RFC 9112 §2.2: a bare LF in a name", "A\nB: 1\r\n", "bare-cr-or-lf"],
  ["RFC 9112 §2.2: a bare LF as a line", "\nA: 1\r\n", "bare-cr-or-lf"],
  ["RFC 9110 §5.5: NUL in a value", "A: 1\0\r\n", "nul-byte"],
  ["RFC 9110 §5.1: NUL in a name", "A\0: 1\r\n", "nul-byte"],
  ["RFC 9110 §5.1: an empty name", ": 1\r\n", "malformed-field-line"],
  ["RFC 9112 §5: a line without a colon", "A\r\n", "malformed-field-line"],
  ["RFC 9110 §5.6.2: a name that is no token", "A(b): 1\r\n", "malformed-field-line"],
  ["RFC 9110 §5.6.2: a name beyond ASCII", "\xe9: 1\r\n", "malformed-field-line"],
  [
    "RFC 9110 §8.6: Content-Length twice, though equal",
    "Content-Length: 1\r\ncontent-length: 1\r\n",
    "repeated-content-length",
  ],
  [
    "RFC 9112 §6.1: Transfer-Encoding twice",
    "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
    "unsupported-transfer-encoding",
  ],
  ["RFC 9112 §3.2: Host twice", "Host: a\r\nHost: a\r\n", "repeated-host"],
];
for (const [name, lines, ambiguity] of faults) {
  void t.test(`${name} is ambiguous`, async (t) => {
    t.equal(scan(lines).facts.ambiguity, ambiguity);
    t.equal(
      scan(`Z: 1\r\n${lines}`).facts.ambiguity,
      name.includes("first line") ? "folded-field-line" : ambiguity,
    );
  });
}

void t.test("512 lines are taken, one more is not", async (t) => {
  t.equal(scan("a: 1\r\n".repeat(MAX_FIELDS)).facts.count, 512);
  t.equal(scan("a: 1\r\n".repeat(MAX_FIELDS + 1)).facts.ambiguity, "too-many-fields");
});

void t.test("facts of the scan before are forgotten", async (t) => {
  const facts = newFieldFacts();
  const marks = newMarks();
  const first = Buffer.from("Content-Length: 1\r\nHost: a\r\nUpgrade: x\r\nA :\r\n\r\n");
  scanFieldLines(first, { headStart: 0, from: 0, end: first.length - 2 }, marks, facts);
  const second = Buffer.from("A: 1\r\n\r\n");
  scanFieldLines(second, { headStart: 0, from: 0, end: second.length - 2 }, marks, facts);
  t.same(facts, { ...newFieldFacts(), count: 1 });
});
