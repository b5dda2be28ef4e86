import t from "tap";
import { detectProtocol } from "../../src/http/detect.ts";

const detect = (text: string) => detectProtocol(Buffer.from(`xx${text}xx`, "latin1"), 2, 2 + text.length);

/** The protocol named, and after how many bytes. */
function named(text: string): [string, number] {
  for (let length = 0; length <= text.length; length++) {
    const protocol = detect(text.slice(0, length));
    if (protocol !== "more") return [protocol, length];
  }
  return ["more", text.length];
}

void t.test(
  "every protocol is named as early as its bytes allow, and at every length after that",
  async (t) => {
    const cases: [text: string, protocol: string, afterBytes: number][] = [
      ["GET / HTTP/1.1\r\n", "http1", 5],
      ["POST /a HTTP/1.1\r\n", "http1", 6],
      ["OPTIONS * HTTP/1.1\r\n", "http1", 9],
      ["GET http://a/ HTTP/1.1\r\n", "http1", 8],
      ["GET HTTPS://a/ HTTP/1.1\r\n", "http1", 8],
      ["CONNECT a:1 HTTP/1.1\r\n", "http1", 9],
      ["PRI / HTTP/1.1\r\n", "http1", 5],
      ["P!%^ /", "http1", 6],
      ["\r\n\r\nGET / HTTP/1.1\r\n", "http1", 9],
      ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2", 24],
      ["PRI * HTTP/1.1\r\n", "http1", 12],
      ["\x16\x03\x01\x02\x00", "tls", 2],
      ["\x16\x02", "opaque", 2],
      ["\0", "opaque", 1],
      ["\xff\xfb", "opaque", 1],
      ["SSH-2.0-x\r\n", "opaque", 10],
      ["EHLO me\r\n", "opaque", 6],
      ["SET key 1\r\n", "opaque", 5],
      ["GET key\r\n", "opaque", 5],
      ["GET hello\r\n", "opaque", 6],
      ["*1\r\n$4\r\nPING\r\n", "opaque", 3],
      [" GET /", "opaque", 1],
      ["\nGET /", "opaque", 1],
      ["\rGET /", "opaque", 2],
      ["GET\t/", "opaque", 4],
      ['{"json":1}', "opaque", 1],
      ["x".repeat(40), "opaque", 33],
    ];
    for (const [text, protocol, afterBytes] of cases) {
      t.same(named(text), [protocol, afterBytes], JSON.stringify(text));
      for (let length = afterBytes; length <= text.length; length++)
        t.equal(detect(text.slice(0, length)), protocol, `${JSON.stringify(text)} at ${length}`);
    }
  },
);

void t.test("nothing said yet could be anything", async (t) => {
  t.equal(detect(""), "more");
});
