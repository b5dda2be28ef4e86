import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import t from "tap";
import type { FieldPair } from "../../../src/client/compare/answer.ts";
import { compareAnswers } from "../../../src/client/compare/compare-answers.ts";
import { parseIgnoreRule } from "../../../src/client/compare/parse-ignore-rule.ts";
import { Secrets } from "../../../src/client/compare/secrets.ts";
import { answer, compare, json, places, request, short, truncated } from "./answers.ts";

void t.test("equal answers are the same, and nothing is reported", async (t) => {
  for (const one of [
    answer(),
    json({ a: [1, { b: null }] }),
    answer("text\n"),
    answer(Buffer.from([0, 1])),
  ]) {
    const comparison = compare(one, one);
    t.equal(comparison.verdict, "same");
    t.same(comparison.differences, []);
    t.same(comparison.counts, { differences: 0, hidden: { rule: 0, default: 0, noise: 0 } });
  }
});

void t.test("a status that differs is a difference", async (t) => {
  t.same(short(compare(answer("", { status: 200 }), answer("", { status: 503 }))), ["status: 200 → 503"]);
});

void t.test("fields compare by name in any case, in any order of names", async (t) => {
  const one: FieldPair[] = [
    ["X-A", "1"],
    ["x-b", "2"],
  ];
  const other: FieldPair[] = [
    ["X-B", "2"],
    ["x-a", "1"],
  ];
  t.equal(compare(answer("", { headers: one }), answer("", { headers: other })).verdict, "same");
});

void t.test("values of a repeated field are a list in order", async (t) => {
  const one: FieldPair[] = [
    ["vary", "a"],
    ["vary", "b"],
  ];
  const other: FieldPair[] = [
    ["vary", "b"],
    ["vary", "a"],
  ];
  t.same(short(compare(answer("", { headers: one }), answer("", { headers: other }))), [
    "header:vary: a, b → b, a",
  ]);
  t.equal(compare(answer("", { headers: one }), answer("", { headers: one.slice(0, 1) })).verdict, "differs");
});

void t.test("a field that one side has not is a difference in presence", async (t) => {
  const { differences } = compare(
    answer("", { headers: [["x-a", "1"]] }),
    answer("", { headers: [["x-b", ""]] }),
  );
  t.same(
    differences.map(({ kind, original, local }) => [kind, original, local]),
    [
      ["only-in-original", "1", undefined],
      ["only-in-local", undefined, ""],
    ],
  );
});

void t.test("fields of the connection and of framing are not compared, named ones neither", async (t) => {
  const one: FieldPair[] = [
    ["Connection", "close, X-Hop"],
    ["X-Hop", "1"],
    ["Transfer-Encoding", "chunked"],
  ];
  const other: FieldPair[] = [
    ["Content-Length", "0"],
    ["Keep-Alive", "timeout=5"],
  ];
  t.equal(compare(answer("", { headers: one }), answer("", { headers: other })).verdict, "same");
  t.equal(
    compare(answer("", { headers: one }), answer("", { headers: other }), "+header:connection").verdict,
    "same",
  );
});

void t.test("content-length counts where there is no body to look at", async (t) => {
  const [original, local] = ["1", "2"].map((length) => answer("", { headers: [["Content-Length", length]] }));
  if (!original || !local) return;
  const head = compareAnswers({ request: { method: "HEAD", target: "/" }, original, local });
  t.same(places(head), ["header:content-length"]);
  t.equal(compare(original, local).verdict, "same");
});

void t.test("defaults hide what differs always, are counted, and give way to a rule with +", async (t) => {
  const [original, local] = ["Mon", "Tue"].map((date) => answer("", { headers: [["Date", date]] }));
  if (!original || !local) return;
  const comparison = compare(original, local);
  t.equal(comparison.verdict, "same");
  t.equal(comparison.counts.hidden.default, 1);
  t.match(comparison.hidden[0], {
    hidden: { by: "default", rule: "header:date" },
    original: "Mon",
    local: "Tue",
  });
  t.same(places(compare(original, local, "+header:date")), ["header:date"]);
  t.equal(compare(original, local, "+header:date", "header:d*").counts.hidden.rule, 1);
});

void t.test("rules hide status, fields by glob, trailers and bodies, each counted", async (t) => {
  const original = answer("a", { status: 200, headers: [["X-One", "1"]], trailers: [["sum", "1"]] });
  const local = answer("b", { status: 201, headers: [["X-Two", "2"]], trailers: [["sum", "2"]] });
  t.same(places(compare(original, local)), [
    "status",
    "header:x-one",
    "header:x-two",
    "body:line 1",
    "trailer:sum",
  ]);
  const hidden = compare(original, local, "status", "header:x-*", "trailer:sum", "body");
  t.equal(hidden.verdict, "same");
  t.equal(hidden.counts.hidden.rule, 5);
});

void t.test("secrets are masked, and differ all the same", async (t) => {
  const make = (secret: string) =>
    answer(JSON.stringify({ user: { access_token: secret }, list: [{ password: secret }] }), {
      type: "application/json",
      headers: [
        ["Set-Cookie", `sid=${secret}`],
        ["Location", `/x?token=${secret}&page=${secret.length}`],
      ],
    });
  const comparison = compare(make("s3cret-one"), make("s3cret-other"));
  t.same(places(comparison).sort(), [
    "body/list/0/password",
    "body/user/access_token",
    "header:location",
    "header:set-cookie",
  ]);
  t.notMatch(JSON.stringify(comparison), "s3cret");
  const all = compareAnswers({
    request,
    original: make("s3cret-one"),
    local: make("s3cret-other"),
    secrets: new Secrets([]),
  });
  t.match(JSON.stringify(all), "s3cret-one");
});

void t.test("an answer that is missing or cut makes the pair incomparable", async (t) => {
  const whole = answer("abc");
  const none = answer("", { status: 0, end: { how: "none", reason: "connection refused" } });
  const cut = answer("ab", { end: { how: "cut", reason: "reset" } });
  t.match(compare(whole, none), {
    verdict: "incomparable",
    incomparable: [{ code: "local-none", text: "the local program did not answer: connection refused" }],
    counts: { differences: 0 },
  });
  t.match(compare(cut, whole), { verdict: "incomparable", incomparable: [{ code: "original-cut" }] });
  t.equal(compare(cut, whole).bodyKind, "unread");
});

void t.test("a difference seen before an answer broke off counts", async (t) => {
  const cut = answer("ab", { status: 500, end: { how: "cut", reason: "reset" } });
  const comparison = compare(answer("abc"), cut);
  t.equal(comparison.verdict, "differs");
  t.same(places(comparison), ["status"]);
  t.equal(comparison.incomparable[0]?.code, "local-cut");
});

void t.test("content codings are undone before comparing", async (t) => {
  const text = JSON.stringify({ a: 1, b: "x".repeat(500) });
  const coded: [string, Buffer][] = [
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text, { level: 1 })],
    ["br", brotliCompressSync(text)],
    ["deflate", deflateSync(text)],
    ["deflate", deflateRawSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["gzip, br", brotliCompressSync(gzipSync(text))],
  ];
  for (const [encoding, bytes] of coded) {
    const local = answer(bytes, { type: "application/json", headers: [["Content-Encoding", encoding]] });
    t.same(places(compare(json(text), local)), ["header:content-encoding"], encoding);
    const other = json({ a: 2, b: "x".repeat(500) });
    t.same(places(compare(other, local)), ["header:content-encoding", "body/a"], encoding);
  }
});

void t.test("bodies whose coding is unknown or broken compare as the bytes that were sent", async (t) => {
  for (const encoding of ["rot13", "gzip"]) {
    const make = (bytes: string) => answer(bytes, { headers: [["Content-Encoding", encoding]] });
    t.equal(compare(make("same"), make("same")).verdict, "same");
    const comparison = compare(make("one"), make("two"));
    t.same(places(comparison), ["body"]);
    t.match(comparison.notes, [/could not be undone/]);
  }
});

void t.test("bytes compare by hash, with length and the first different offset", async (t) => {
  const make = (...bytes: number[]) => answer(Buffer.from(bytes), { type: "image/png" });
  const [difference] = compare(make(1, 2, 3), make(1, 9, 3, 4)).differences;
  t.match(difference?.original, /^3 bytes, sha256 [0-9a-f]{12}, first different at 1$/);
  t.match(difference?.local, /^4 bytes, /);
  t.match(compare(make(1), make(1, 2)).differences[0]?.original, /different at 1$/);
});

void t.test("a body kept in part compares by hash where every byte counts", async (t) => {
  const make = (text: string) => truncated(answer(text, { type: "image/png" }), 4);
  t.equal(compare(make("0123456789"), make("0123456789")).verdict, "same");
  const late = compare(make("0123456789"), make("012345678x"));
  t.equal(late.verdict, "differs");
  t.notMatch(late.differences[0]?.original, /first different/);
  t.match(compare(make("0x23456789"), make("0123456789")).differences[0]?.original, /first different at 1/);
});

void t.test("JSON, coded and pattern-ruled bodies kept in part are incomparable unless equal", async (t) => {
  const make = (text: string, type: string, headers: FieldPair[] = []) =>
    truncated(answer(text, { type, headers }), 4);
  const one = make('{"a":1,"b":2}', "application/json");
  t.equal(compare(one, one).verdict, "same");
  t.match(compare(one, make('{"b":2,"a":1}', "application/json")), {
    verdict: "incomparable",
    incomparable: [{ code: "body-too-large" }],
  });
  const coded: FieldPair[] = [["Content-Encoding", "gzip"]];
  t.equal(
    compare(make("aaaaaaa", "text/plain", coded), make("bbbbbbb", "text/plain", coded)).verdict,
    "incomparable",
  );
  t.equal(compare(make("aaaaaaa", "text/plain"), make("bbbbbbb", "text/plain")).verdict, "differs");
  t.equal(
    compare(make("aaaaaaa", "text/plain"), make("bbbbbbb", "text/plain"), "line:/b+/").verdict,
    "incomparable",
  );
});

void t.test("a body that only one side has is one difference", async (t) => {
  const comparison = compare(json({ a: 1 }), answer("", { type: "application/json" }));
  t.match(comparison.differences, [{ kind: "only-in-original", place: { at: "body" }, original: '{"a":1}' }]);
  t.equal(comparison.differences.length, 1);
});

void t.test("JSON against what is none is one difference of kind", async (t) => {
  const html = answer("<html>\nno\n</html>", { type: "text/html" });
  const comparison = compare(json({ a: 1 }), html);
  t.same(places(comparison), ["header:content-type", "body"]);
  t.equal(comparison.differences[1]?.kind, "kind");
});

void t.test("what is said to be JSON and is none on both sides compares as text, and says so", async (t) => {
  const comparison = compare(json('{"a":1,\n}'), json('{"a":1,\n ]'));
  t.same(places(comparison), ["body:line 2"]);
  t.match(comparison.notes, [/are none/]);
});

void t.test(
  "bodies without a type are JSON when both parse, text when both are, bytes otherwise",
  async (t) => {
    t.same(places(compare(answer('{"a":1}'), answer('{"a":2}'))), ["body/a"]);
    t.same(places(compare(answer("a\nb"), answer("a\nc"))), ["body:line 2"]);
    t.same(places(compare(answer(Buffer.from([0, 255])), answer(Buffer.from([0, 254])))), ["body"]);
    t.equal(compare(answer("a"), answer(Buffer.from([0]))).bodyKind, "bytes");
  },
);

void t.test("text is read by its charset, and bytes that are no text of it are bytes", async (t) => {
  const utf16 = answer(Buffer.from("grün", "utf16le"), { type: "text/plain; charset=utf-16le" });
  const utf8 = answer("grün", { type: "text/plain; charset=utf-16le" });
  t.same(places(compare(utf16, answer("grün", { type: "text/plain" }))), ["header:content-type"]);
  t.equal(compare(utf16, utf8).verdict, "differs");
  const broken = answer(Buffer.from([0xff, 0xfe, 0x41]), { type: "text/plain" });
  t.equal(compare(broken, answer("A", { type: "text/plain" })).bodyKind, "bytes");
});

void t.test("events and NDJSON compare line by line even when one line is JSON", async (t) => {
  for (const type of ["text/event-stream", "application/x-ndjson"]) {
    t.same(places(compare(answer('{"a":1}', { type }), answer('{"a":2}', { type }))), ["body:line 1"], type);
  }
});

void t.test(
  "listed differences are bounded, all are counted, and one array does not push others out",
  async (t) => {
    const list = Array.from({ length: 300 }, (_, index) => index);
    const original = json({ list, other: 1 });
    const comparison = compare(original, json({ list: list.map((number) => number + 1_000), other: 2 }));
    t.equal(comparison.differences.length, 11);
    t.equal(comparison.differences.at(-1)?.original, "1");
    t.equal(comparison.counts.differences, 301);
    const keys = (value: number) => json(Object.fromEntries(list.map((key) => [`k${key}`, value])));
    t.equal(compare(keys(1), keys(2)).differences.length, 50);
  },
);

void t.test("noise hides and says why; a rule of the user with + beats it", async (t) => {
  const [original, local] = [json({ at: 1 }), json({ at: 2 })];
  const noise = [parseIgnoreRule("/at", "noise", "seen twice")];
  const quiet = compareAnswers({ request, original, local, noise });
  t.equal(quiet.counts.hidden.noise, 1);
  t.equal(quiet.hidden[0]?.hidden?.why, "seen twice");
  const loud = compareAnswers({ request, original, local, noise, ignore: [parseIgnoreRule("+/at")] });
  t.equal(loud.verdict, "differs");
});

void t.test("times are handed on", async (t) => {
  const { timing } = compare(answer("", { firstByteMs: 3, totalMs: 5 }), answer("", { totalMs: 7 }));
  t.same(timing, { original: { firstByteMs: 3, totalMs: 5 }, local: { totalMs: 7 } });
  const refused = answer("", { totalMs: 1, status: 0, end: { how: "none", reason: "refused" } });
  t.same(compare(answer("", { totalMs: 5 }), refused).timing.local, {}, "no answer took no time");
});
