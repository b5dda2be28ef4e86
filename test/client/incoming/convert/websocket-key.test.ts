import t from "tap";
import {
  acceptOfWebSocketKey,
  newWebSocketKey,
} from "../../../../src/client/incoming/convert/websocket-key.ts";

void t.test("RFC 6455 §1.3: the proof of the sample key", (t) => {
  t.equal(acceptOfWebSocketKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  t.end();
});

void t.test("RFC 6455 §4.1: a key is 16 bytes, and another one each time", (t) => {
  t.equal(Buffer.from(newWebSocketKey(), "base64").length, 16);
  t.not(newWebSocketKey(), newWebSocketKey());
  t.end();
});
