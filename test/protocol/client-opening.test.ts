import { test } from "tap";
import { type ClientOpening, decodeClientOpening, encodeClientOpening } from "../../src/protocol/index.ts";

const opening: ClientOpening = {
  kind: "ask-original",
  subscription: 3,
  original: { address: "fd00::1", port: 80 },
  byUser: false,
};

void test("an opening reads as it was written, but for fields that nobody knows", async (t) => {
  t.strictSame(decodeClientOpening(encodeClientOpening(opening)), opening);
  t.strictSame(decodeClientOpening(Buffer.from(JSON.stringify({ ...opening, later: 1 }))), opening);
  const { byUser: _, ...older } = opening;
  t.strictSame(decodeClientOpening(Buffer.from(JSON.stringify(older))), opening, "an older client's");
});

void test("a kind, an address or a number that is none is refused", async (t) => {
  for (const fields of [
    { kind: "ask-anybody" },
    { subscription: -1 },
    { original: { address: "example.org", port: 80 } },
    { original: { address: "10.0.0.1", port: 70_000 } },
    { original: undefined },
  ])
    t.throws(() => decodeClientOpening(Buffer.from(JSON.stringify({ ...opening, ...fields }))), {
      code: "bad-message",
    });
  t.throws(() => decodeClientOpening(Buffer.from("{")), { code: "bad-message" });
});

void test("an opening above its limit is neither written nor read", async (t) => {
  const long = { ...opening, original: { address: "1".repeat(20_000), port: 80 } };
  t.throws(() => encodeClientOpening(long), { code: "too-large" });
  t.throws(() => decodeClientOpening(Buffer.alloc(20_000)), { code: "bad-payload" });
});

const to = { address: "10.0.0.10", port: 443 };

void test("what a client may ask for reads as it was written", async (t) => {
  const openings: ClientOpening[] = [
    { kind: "connect", to },
    { kind: "connect-unix", path: "/run/\xe9.sock", type: "stream", process: null },
    { kind: "connect-unix", path: "\0/tmp/.X11-unix/X0\0\xff", type: "seqpacket", process: 7 },
    { kind: "datagrams", family: 4, to: null },
    { kind: "datagrams", family: 6, to: { address: "fd00::10", port: 53 } },
    { kind: "files", process: null, writes: false },
    { kind: "files", process: 4_194_304, writes: true },
  ];
  for (const one of openings) t.strictSame(decodeClientOpening(encodeClientOpening(one)), one);
});

void test("what breaks the form of its kind is refused", async (t) => {
  for (const fields of [
    { kind: "connect" },
    { kind: "connect", to: { address: "redis", port: 6379 } },
    { kind: "connect-unix", path: "", type: "stream", process: null },
    { kind: "connect-unix", path: "run/a.sock", type: "stream", process: null },
    { kind: "connect-unix", path: "/run/a\0.sock", type: "stream", process: null },
    { kind: "connect-unix", path: "/run/\u2603", type: "stream", process: null },
    { kind: "connect-unix", path: `\0${"x".repeat(108)}`, type: "stream", process: null },
    { kind: "connect-unix", path: `/${"x".repeat(5_000)}`, type: "stream", process: null },
    { kind: "connect-unix", path: "/run/a.sock", type: "dgram", process: null },
    { kind: "datagrams", family: 5, to: null },
    { kind: "datagrams", family: "4", to: null },
    { kind: "datagrams", family: 4 },
    { kind: "files" },
    { kind: "files", process: 0 },
  ])
    t.throws(
      () => decodeClientOpening(Buffer.from(JSON.stringify(fields))),
      { code: "bad-message" },
      JSON.stringify(fields).slice(0, 80),
    );
});
