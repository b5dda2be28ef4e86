import t from "tap";
import {
  readHeaders,
  withContent,
  writeHeaders,
} from "../../../../../src/client/inspector/page/dialogs/edited-headers.ts";

void t.test("fields that are written and read again are the same, pseudo-fields and colons too", (t) => {
  const headers = [
    [":path", "/a:b"],
    ["X-A", ""],
    ["x-a", "b: c"],
  ] as const;
  t.same(readHeaders(writeHeaders(headers)), { headers, problems: [] });
  t.end();
});

void t.test("each line that is no field is told by its number", (t) => {
  const { headers, problems } = readHeaders("a: 1\nbroken\n\nb c: 2\nd: 3");
  t.same(headers, [
    ["a", "1"],
    ["d", "3"],
  ]);
  t.match(problems, [
    { line: 2, message: /no colon/ },
    { line: 4, message: /"b c"/ },
  ]);
  t.end();
});

void t.test("the length follows the content where it was told, and codings go that are undone", (t) => {
  t.same(
    withContent(
      [
        ["CONTENT-LENGTH", "1"],
        ["a", "b"],
      ],
      7,
      false,
    ),
    [
      ["CONTENT-LENGTH", "7"],
      ["a", "b"],
    ],
  );
  const coded = [
    ["Transfer-Encoding", "chunked"],
    ["Content-Encoding", "gzip"],
  ] as const;
  t.same(withContent(coded, 3, true), [["Content-Length", "3"]]);
  t.same(withContent(coded, 3, false), [
    ["Content-Encoding", "gzip"],
    ["Content-Length", "3"],
  ]);
  t.same(withContent([["a", "b"]], 0, false), [["a", "b"]]);
  t.end();
});
