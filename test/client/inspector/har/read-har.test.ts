import t from "tap";
import { readHar } from "../../../../src/client/inspector/har/index.ts";

void t.test("a file of a browser is read", async (t) => {
  const { entries, skipped } = readHar(
    JSON.stringify({
      log: {
        version: "1.2",
        creator: { name: "WebInspector", version: "537.36" },
        pages: [],
        entries: [
          {
            startedDateTime: "2026-11-30T08:00:00.000+01:00",
            time: 31.25,
            request: {
              method: "GET",
              url: "https://example.test/a%2Fb?q=1#part",
              httpVersion: "http/2.0",
              headers: [{ name: ":authority", value: "example.test" }],
              queryString: [],
              cookies: [],
              headersSize: -1,
              bodySize: 0,
            },
            response: {
              status: 200,
              statusText: "",
              httpVersion: "http/2.0",
              headers: [{ name: "content-type", value: "text/event-stream; charset=utf-8" }],
              cookies: [],
              content: { size: 2, mimeType: "text/event-stream", text: "aGk=", encoding: "base64" },
              redirectURL: "",
              headersSize: -1,
              bodySize: -1,
            },
            cache: {},
            timings: { blocked: 1.5, dns: -1, connect: -1, send: 0.25, wait: 20, receive: 9.5, ssl: -1 },
          },
        ],
      },
    }),
  );
  t.same(skipped, []);
  t.match(entries[0]?.detail.row, {
    id: 1,
    source: "imported",
    at: Date.parse("2026-11-30T07:00:00Z"),
    port: 443,
    protocol: "http2",
    kind: "sse",
    host: "example.test",
    path: "/a%2Fb?q=1",
    status: 200,
    durationMs: 31.25,
  });
  t.equal(entries[0]?.bodies.answer?.toString(), "hi");
  t.same(
    entries[0]?.detail.timings.map(({ name, fromMs, untilMs }) => [name, fromMs, untilMs]),
    [
      ["held", 0, 1.5],
      ["to-local", 1.5, 1.75],
      ["waiting", 1.75, 21.75],
      ["answer", 21.75, 31.25],
    ],
  );
});

void t.test("what is no entry is left out with its reason, and the others are read", async (t) => {
  const good = {
    startedDateTime: "2026-11-30T07:00:00Z",
    request: { method: "GET", url: "http://a.test/" },
    response: { status: 0 },
  };
  const { entries, skipped } = readHar(
    JSON.stringify({
      log: {
        entries: [
          null,
          { ...good, startedDateTime: "yesterday" },
          { ...good, request: { method: "GET", url: "not a url" } },
          { ...good, request: { method: 5, url: {} } },
          good,
        ],
      },
    }),
  );
  t.equal(entries.length, 1);
  t.match(entries[0]?.detail.row, { state: "failed", failure: "nobody answered" });
  t.same(skipped, [
    "entry 1: it has no request with method and url",
    "entry 2: startedDateTime is no date",
    "entry 3: its url cannot be read: not a url",
    "entry 4: it has no request with method and url",
  ]);
});

void t.test("a file that is no HAR says so", async (t) => {
  for (const text of ["", "{", "[]", "null", '{"log":{}}', '{"log":{"entries":{}}}', "7"])
    t.throws(() => readHar(text), /no HAR file/, text);
});

void t.test("hostile values of any type make no row with a field of a wrong type", async (t) => {
  const strange = [
    null,
    -1,
    Number.POSITIVE_INFINITY,
    "x",
    [],
    {},
    true,
    { length: 5 },
    [[1, 2]],
    "__proto__",
  ];
  for (const value of strange) {
    const text = JSON.stringify({
      log: {
        entries: [
          {
            startedDateTime: "2026-11-30T07:00:00Z",
            time: value,
            request: {
              method: "GET",
              url: "http://a.test/",
              headers: value,
              postData: value,
              bodySize: value,
            },
            response: { status: 200, headers: [value], content: value, bodySize: value, statusText: value },
            timings: value,
            _magpie: { row: { port: value, kind: value, member: value }, request: value, answer: value },
            _magpieBodies: value,
          },
        ],
      },
    });
    const [entry] = readHar(text).entries;
    t.type(entry?.detail.row.port, "number");
    t.type(entry?.detail.row.kind, "string");
    t.ok(entry?.detail.row.durationMs === null || Number.isFinite(entry?.detail.row.durationMs));
    for (const [name, said] of entry?.detail.answer?.headers ?? [])
      t.same([typeof name, typeof said], ["string", "string"]);
  }
});
