import t from "tap";
import { readTrailers } from "../../../src/http/index.ts";
import { fieldList } from "./field-lists.ts";

void t.test("trailers are fields", async (t) => {
  const trailers = readTrailers(
    fieldList([
      ["grpc-status", "0"],
      ["grpc-message", ""],
    ]),
  );
  if ("malformed" in trailers) throw new Error(trailers.malformed);
  t.same(trailers.pairs(), [
    ["grpc-status", "0"],
    ["grpc-message", ""],
  ]);
});

void t.test(
  "RFC 9113 §8.1: pseudo-header fields and fields of the connection make them malformed",
  async (t) => {
    t.same(readTrailers(fieldList([[":status", "200"]])), { malformed: "unexpected-pseudo-header" });
    t.same(readTrailers(fieldList([[":other", "200"]])), { malformed: "unknown-pseudo-header" });
    t.same(readTrailers(fieldList([["connection", "x"]])), { malformed: "connection-specific-field" });
    t.same(readTrailers(fieldList([["A", "x"]])), { malformed: "bad-name" });
    t.same(readTrailers(fieldList([["a", "x\r\ny: z"]])), { malformed: "bad-value" });
  },
);
