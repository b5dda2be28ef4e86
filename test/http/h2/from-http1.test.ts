import t from "tap";
import {
  Fields,
  http2Fields,
  http2ResponseFields,
  http2UpgradeFields,
  readResponseHead,
} from "../../../src/http/index.ts";
import { fieldList } from "./field-lists.ts";

const fields = Fields.fromPairs([
  ["Content-Type", "text/plain"],
  ["Connection", "close, X-Hop"],
  ["X-HOP", "1"],
  ["Keep-Alive", "timeout=5"],
  ["Transfer-Encoding", "chunked"],
  ["Set-Cookie", "a"],
  ["Set-Cookie", "b"],
]);

void t.test(
  "RFC 9113 §8.2: names are lower case, nothing of the connection stays, nominated fields neither",
  async (t) => {
    const pairs = http2ResponseFields({ status: 200, fields });
    t.same(pairs, [
      [":status", "200"],
      ["content-type", "text/plain"],
      ["set-cookie", "a"],
      ["set-cookie", "b"],
    ]);
    t.notOk("malformed" in readResponseHead(fieldList(pairs)));
  },
);

void t.test("RFC 8441 §5: the answer to an upgrade is 200 without the proof of the key", async (t) => {
  const answer = Fields.fromPairs([
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", "x"],
    ["Sec-WebSocket-Protocol", "chat"],
  ]);
  t.same(http2UpgradeFields({ status: 101, fields: answer }), [
    [":status", "200"],
    ["sec-websocket-protocol", "chat"],
  ]);
  t.same(http2UpgradeFields({ status: 403, fields: answer })[0], [":status", "403"]);
});

void t.test("trailers are fields as others", async (t) => {
  t.same(http2Fields(Fields.fromPairs([["Grpc-Status", "0"]])), [["grpc-status", "0"]]);
});
