import t from "tap";
import { pingFrame, readServerPreface, settingsAckFrame, settingsFrame } from "../../../src/http/index.ts";

const settings = settingsFrame([
  { id: 3, value: 100 },
  { id: 8, value: 1 },
]);

void t.test("RFC 9113 §3.4: a server of HTTP/2 begins with SETTINGS, told from nine bytes on", (t) => {
  for (let length = 0; length < 9; length++) t.equal(readServerPreface(settings.subarray(0, length)), "more");
  t.equal(readServerPreface(settings.subarray(0, 9)), "settings");
  t.equal(readServerPreface(Buffer.concat([settings, settings])), "settings");
  t.equal(readServerPreface(settingsFrame([])), "settings");
  t.end();
});

void t.test("anything else is something else, as soon as a byte says so", (t) => {
  for (const text of ["HTTP/1.1 400 Bad Request\r\n\r\n", "H", "SSH-2.0-x\r\n", "\x15\x03\x01"])
    t.equal(readServerPreface(Buffer.from(text, "latin1")), "other", text);
  t.equal(readServerPreface(settingsAckFrame()), "other");
  t.equal(readServerPreface(pingFrame(Buffer.alloc(8), { ack: false })), "other");
  t.equal(
    readServerPreface(Buffer.from([0, 0, 5, 4, 0, 0, 0, 0, 0])),
    "other",
    "no whole number of settings",
  );
  t.equal(readServerPreface(Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 1])), "other", "on a stream");
  t.end();
});
