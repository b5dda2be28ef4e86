import t from "tap";
import { type Malformed, readResponseHead } from "../../../src/http/index.ts";
import { fieldList } from "./field-lists.ts";

void t.test("a response is its status and its fields", async (t) => {
  const head = readResponseHead(
    fieldList([
      [":status", "404"],
      ["content-length", "3"],
      ["a", "b"],
    ]),
  );
  if ("malformed" in head) throw new Error(head.malformed);
  t.match(head, { status: 404, contentLength: 3 });
  t.same(head.fields.pairs(), [
    ["content-length", "3"],
    ["a", "b"],
  ]);
});

const malformed: readonly (readonly [law: string, pairs: [string, string][], why: Malformed])[] = [
  ["§8.3.2: no :status", [["a", "b"]], "missing-pseudo-header"],
  [
    "§8.3.2: :status twice",
    [
      [":status", "200"],
      [":status", "200"],
    ],
    "repeated-pseudo-header",
  ],
  ["§8.3.2: a :status of two digits", [[":status", "20"]], "bad-status"],
  ["§8.6: 101", [[":status", "101"]], "bad-status"],
  [
    "§8.3: :status behind a field",
    [
      ["a", "b"],
      [":status", "200"],
    ],
    "pseudo-header-behind-field",
  ],
  [
    "§8.3: a pseudo-header field of a request",
    [
      [":status", "200"],
      [":path", "/"],
    ],
    "unexpected-pseudo-header",
  ],
  [
    "§8.2.2: transfer-encoding",
    [
      [":status", "200"],
      ["transfer-encoding", "chunked"],
    ],
    "connection-specific-field",
  ],
  [
    "§8.2.1: an upper-case name",
    [
      [":status", "200"],
      ["A", "b"],
    ],
    "bad-name",
  ],
  [
    "§8.1.1: a content-length that is no number",
    [
      [":status", "200"],
      ["content-length", "1,1"],
    ],
    "bad-content-length",
  ],
];
for (const [law, pairs, why] of malformed) {
  void t.test(`RFC 9113 ${law} is malformed`, async (t) => {
    t.same(readResponseHead(fieldList(pairs)), { malformed: why });
  });
}
