import t from "tap";
import { parseRequestHead } from "../../src/http/request.ts";
import { CHUNKED } from "../../src/http/framing.ts";

function framingOf(line: string): unknown {
  const head = parseRequestHead(Buffer.from(`POST / HTTP/1.1\r\n${line}\r\n\r\n`, "latin1"));
  return "ambiguity" in head ? head.ambiguity : head.framing;
}

void t.test("RFC 9112 §6.1: chunked in any case, behind any number of spaces, is chunked", async (t) => {
  for (const value of ["chunked", " chunked", "   chunked", " CHUNKED", " Chunked"])
    t.equal(framingOf(`Transfer-Encoding:${value}`), CHUNKED, JSON.stringify(value));
});

void t.test("what some read as chunked and others do not is ambiguous", async (t) => {
  const values = [
    ...[
      "",
      " ",
      " identity",
      " gzip, chunked",
      " chunked, gzip",
      " chunked, chunked",
      ' "chunked"',
      " chunked;q=1",
    ],
    ...[
      "\tchunked",
      " \tchunked",
      " chunked ",
      " chunked\t",
      " xchunked",
      " chunkedx",
      ",chunked",
      " chunked,",
    ],
    ...["\x0bchunked", " chunked\x0c", " \x00chunked", " chu nked", " cow", "\xa0chunked"],
  ];
  for (const value of values)
    t.type(framingOf(`Transfer-Encoding:${value}`), "string", JSON.stringify(value));
});
