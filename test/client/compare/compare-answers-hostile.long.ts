import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import t from "tap";
import type { Answer } from "../../../src/client/compare/answer.ts";
import { answer, compare, field, frame, grpc, json, message, places } from "./answers.ts";

/** Of CPU, since the machine may be busy. What would not end takes minutes, or all memory. */
const mostMs = 3_000;
const mostBytes = 400 * 1_048_576;

const mega = 1_048_576;

function gzipped(bytes: Buffer, encoding = "gzip"): Answer {
  const code = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync }[encoding];
  return answer(code?.(bytes) ?? bytes, { type: "text/plain", headers: [["content-encoding", encoding]] });
}

/** A message in a message, for ever. */
function nested(depth: number, leaf: number): Buffer {
  let bytes = field(1, leaf);
  for (let level = 0; level < depth; level++) bytes = field(1, bytes);
  return bytes;
}

const many = (length: number, make: (index: number) => string) =>
  Array.from({ length }, (_, index) => make(index)).join("");

const cases: [what: string, make: (version: number) => Answer, verdict: "differs" | "incomparable"][] = [
  [
    "arrays in arrays",
    (version) => json(`${"[".repeat(500_000)}${version}${"]".repeat(500_000)}`),
    "differs",
  ],
  [
    "objects in objects",
    (version) => json(`${'{"a":'.repeat(200_000)}${version}${"}".repeat(200_000)}`),
    "differs",
  ],
  [
    "an array without end",
    (version) => json(`[${many(1_000_000, (index) => `${index + version},`)}0]`),
    "differs",
  ],
  [
    "150,000 elements, each different",
    (version) => json(`[${many(150_000, (index) => `${index * 2 + version},`)}0]`),
    "differs",
  ],
  [
    "100,000 keys, each different",
    (version) => json(`{${many(100_000, (index) => `"${version}k${index}":0,`)}"z":0}`),
    "differs",
  ],
  [
    "one key again and again",
    (version) => json(`{${many(150_000, (index) => `"a":${index},`)}"a":${version}}`),
    "differs",
  ],
  [
    "a line of 10 MB",
    (version) => answer(`${"x".repeat(10 * mega)}${version}`, { type: "text/plain" }),
    "differs",
  ],
  ["a JSON text of 10 MB", (version) => json(`"${"x".repeat(10 * mega)}${version}"`), "differs"],
  ["a number of 4 MB", (version) => json(`${"1".repeat(4 * mega)}${version + 1}`), "differs"],
  [
    "8,000,000 empty lines",
    (version) => answer("\n".repeat(8_000_000 + version), { type: "text/plain" }),
    "differs",
  ],
  [
    "90,000 lines, each different",
    (version) =>
      answer(
        many(90_000, (index) => `${version} ${index}\n`),
        { type: "text/plain" },
      ),
    "differs",
  ],
  [
    "lines in reverse",
    (version) =>
      answer(
        many(50_000, (index) => `${version ? index : 50_000 - index}\n`),
        { type: "text/plain" },
      ),
    "differs",
  ],
  [
    "secrets' names without end",
    (version) => answer(`${"token=".repeat(500_000)}${version}`, { type: "text/plain" }),
    "differs",
  ],
  ["a gzip bomb", (version) => gzipped(Buffer.alloc(100 * mega, version)), "incomparable"],
  ["a br bomb", (version) => gzipped(Buffer.alloc(50 * mega, version), "br"), "incomparable"],
  ["a zstd bomb", (version) => gzipped(Buffer.alloc(50 * mega, version), "zstd"), "incomparable"],
  ["messages in messages", (version) => grpc([nested(5_000, version)]), "differs"],
  [
    "200,000 fields",
    (version) =>
      grpc([Buffer.concat(Array.from({ length: 200_000 }, (_, index) => field(1, index + version)))]),
    "differs",
  ],
  [
    "40,000 fields in 40,000 entries",
    (version) =>
      grpc([
        message(
          ...Array.from({ length: 40_000 }, (_, index) =>
            field(2, message(field(1, index), field(2, version))),
          ),
        ),
      ]),
    "differs",
  ],
  [
    "messages without end",
    (version) => grpc(Array.from({ length: 20_000 }, () => field(1, version))),
    "differs",
  ],
  [
    "a bomb in every message",
    (version) => {
      const bomb = frame(gzipSync(Buffer.alloc(4 * mega, version)), 1);
      return answer(Buffer.concat(new Array<Buffer>(100).fill(bomb)), {
        type: "application/grpc",
        headers: [["grpc-encoding", "gzip"]],
      });
    },
    "differs",
  ],
];

for (const [what, make, verdict] of cases) {
  void t.test(`${what}: bounded in time and memory`, async (t) => {
    const [original, local] = [make(0), make(1)];
    const before = process.memoryUsage().rss;
    const started = process.cpuUsage();
    const comparison = compare(original, local, "/**/a/*/b", "/**/c/**/d", "line:/(a+)+$/");
    const spent = process.cpuUsage(started);
    const ms = (spent.user + spent.system) / 1_000;
    const bytes = process.memoryUsage().rss - before;
    t.comment(`${Math.round(ms)} ms, ${Math.round(bytes / mega)} MB`);
    t.ok(ms < mostMs, `${ms} ms`);
    t.ok(bytes < mostBytes, `${bytes} bytes`);
    t.equal(comparison.verdict, verdict);
    t.ok(JSON.stringify(comparison).length < 200_000);
    t.equal(compare(original, make(0)).verdict, "same");
  });
}

void t.test("random bytes under any type never throw", async (t) => {
  const types = [
    "application/json",
    "application/grpc",
    "text/plain; charset=nonsense",
    "text/plain;charset=shift_jis",
    "image/png",
    ";;;",
  ];
  const encodings = ["gzip", "br", "deflate", "zstd", "identity", "gzip, gzip, gzip, gzip, gzip", ""];
  let state = 1;
  const next = () => (state = (state * 48_271) % 2_147_483_647);
  for (let round = 0; round < 600; round++) {
    const make = () =>
      answer(
        Buffer.from(
          Array.from({ length: next() % 40 }, () => (next() % 3 === 0 ? next() % 8 : next() % 256)),
        ),
        {
          type: types[next() % types.length] ?? "",
          headers: [["content-encoding", encodings[next() % encodings.length] ?? ""]],
        },
      );
    const [original, local] = [make(), make()];
    if (compare(original, original).verdict !== "same") t.fail("not the same as itself");
    const [there, back] = [compare(original, local), compare(local, original)];
    if (there.verdict !== back.verdict) t.fail(`${there.verdict} and ${back.verdict}`);
    if (there.verdict === "differs" && compare(original, local, ...places(there)).verdict === "differs")
      t.fail(`not hidden by ${places(there).join()}`);
  }
});
