import { test } from "tap";
import { decodeOpening, encodeOpening, type OpeningMeta } from "../../src/protocol/index.ts";

const meta: OpeningMeta = {
  copy: "none",
  kind: "http1",
  endsWithHead: false,
  subscription: 3,
  requestId: "r1",
  port: 80,
  peer: { address: "10.1.2.3", port: 40_000 },
  original: { address: "fd00::1", port: 80 },
  connection: 9,
  tls: null,
};
const head = Buffer.from("GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n", "latin1");

void test("the head comes out byte for byte", async (t) => {
  const opening = decodeOpening(encodeOpening(meta, head));
  t.strictSame(opening.meta, meta);
  t.ok(opening.head.equals(head));
  for (const serverName of [null, "shop.example"]) {
    const secured = { ...meta, kind: "http2", endsWithHead: true, tls: { serverName } } as const;
    t.strictSame(decodeOpening(encodeOpening(secured, head)).meta, secured);
  }
  t.equal(decodeOpening(encodeOpening({ ...meta, kind: "tcp" }, Buffer.alloc(0))).head.length, 0);
});

void test("a metadata length beyond the payload is refused", async (t) => {
  const payload = encodeOpening(meta, head);
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(3), payload.subarray(0, 20), Buffer.alloc(8, 255)])
    t.throws(() => decodeOpening(bytes), { code: "bad-payload" });
});

void test("a field that is no address, port or number is refused", async (t) => {
  for (const fields of [
    { peer: { address: "example.org", port: 1 } },
    { peer: { address: "10.1.2.3", port: 70_000 } },
    { original: null },
    { connection: -1 },
    { kind: "smtp" },
    { copy: "both" },
    { endsWithHead: 1 },
    { tls: { serverName: 3 } },
  ])
    t.throws(() => decodeOpening(encodeOpening({ ...meta, ...fields } as OpeningMeta, head)), {
      code: "bad-message",
    });
});

void test("an opening above its limit is not encoded", async (t) => {
  t.throws(() => encodeOpening(meta, Buffer.alloc(256 * 1024)), { code: "too-large" });
});
