import t from "tap";
import {
  harEntryOf,
  harTextOf,
  type RecordedEntry,
  readHar,
} from "../../../../src/client/inspector/har/index.ts";

void t.test("what is written is HAR 1.2: every field that it asks for is there", async (t) => {
  const entry = harEntryOf(recorded());
  t.match(entry, {
    startedDateTime: "2026-11-30T07:00:00.000Z",
    time: 12.5,
    request: {
      method: "POST",
      url: "http://shop.test/api?a=1&b=x%20y",
      httpVersion: "HTTP/1.1",
      cookies: [
        { name: "id", value: "7=8" },
        { name: "x", value: "y" },
      ],
      queryString: [
        { name: "a", value: "1" },
        { name: "b", value: "x y" },
      ],
      postData: { mimeType: "application/json", text: '{"n":"é"}', params: [] },
      headersSize: -1,
      bodySize: 10,
    },
    response: {
      status: 201,
      statusText: "Created",
      cookies: [{ name: "s", value: "1" }],
      content: { size: 3, mimeType: "application/octet-stream", text: "AP8B", encoding: "base64" },
      redirectURL: "/there",
    },
    cache: {},
    timings: { blocked: -1, send: 0.5, wait: 10, receive: 2 },
  });
});

void t.test(
  "a file that is read again is the same: heads, bodies of any bytes, times, who answered",
  async (t) => {
    const before = recorded();
    const binary = { ...recorded(), bodies: { ...before.bodies, request: Buffer.from([0, 0xfe, 0xff]) } };
    const text = [...harTextOf([before, binary], "1.0.0")].join("");
    const { entries, skipped } = readHar(text);
    t.same(skipped, []);
    t.equal(entries.length, 2);
    for (const [index, entry] of [before, binary].entries()) {
      const after = entries[index];
      t.same(after?.bodies, entry.bodies);
      t.same(after?.detail.request.headers, entry.detail.request.headers);
      t.same(after?.detail.request.target, entry.detail.request.target);
      t.same(after?.detail.answer?.headers, entry.detail.answer?.headers);
      t.same(after?.detail.otherAnswer?.status, 500);
      t.same(after?.detail.timings, entry.detail.timings);
      t.same(
        { ...after?.detail.row, id: 0 },
        { ...entry.detail.row, id: 0, source: "imported", bytesIn: 10, bytesOut: 3 },
      );
    }
  },
);

function recorded(): RecordedEntry {
  const noBody = { bytes: 0, keptBytes: 0, type: "", decoded: null, whyNotKept: null };
  return {
    bodies: {
      request: Buffer.from('{"n":"é"}'),
      answer: Buffer.from([0, 0xff, 1]),
      "other-answer": Buffer.from("oops"),
    },
    detail: {
      row: {
        id: 42,
        source: "live",
        at: Date.parse("2026-11-30T07:00:00Z"),
        port: 8080,
        member: "web-1",
        peer: "10.0.0.7:4321",
        protocol: "http1",
        kind: "http",
        method: "POST",
        host: "shop.test",
        path: "/api?a=1&b=x%20y",
        status: 201,
        grpcStatus: null,
        state: "over",
        what: "stolen",
        answeredBy: "here",
        because: 'header x-user is "alice"',
        isProbe: false,
        durationMs: 12.5,
        bytesIn: 10,
        bytesOut: 3,
        requestType: "application/json",
        answerType: "application/octet-stream",
        headsOnly: false,
        compared: "differs",
        failure: null,
      },
      request: {
        target: "/api?a=1&b=x%20y",
        version: "HTTP/1.1",
        headers: [
          ["Host", "shop.test"],
          ["Cookie", "id=7=8; x=y"],
          ["Content-Type", "application/json"],
        ],
        trailers: [],
        valuesHidden: false,
        body: { ...noBody, bytes: 10, keptBytes: 10, type: "application/json" },
      },
      answer: {
        status: 201,
        statusText: "Created",
        version: "HTTP/1.1",
        headers: [
          ["Set-Cookie", "s=1; Path=/"],
          ["Location", "/there"],
          ["Content-Type", "application/octet-stream"],
        ],
        trailers: [["x-sum", "1"]],
        valuesHidden: false,
        body: { ...noBody, bytes: 3, keptBytes: 3, type: "application/octet-stream" },
      },
      otherAnswer: {
        status: 500,
        statusText: "",
        version: "HTTP/1.1",
        headers: [],
        trailers: [],
        valuesHidden: false,
        body: { ...noBody, bytes: 4, keptBytes: 4 },
      },
      otherAnsweredBy: "the app",
      timings: [
        { name: "to-local", fromMs: 0, untilMs: 0.5 },
        { name: "waiting", fromMs: 0.5, untilMs: 10.5 },
        { name: "answer", fromMs: 10.5, untilMs: 12.5 },
      ],
      decision: null,
      differences: null,
      from: null,
      curl: null,
    },
  };
}
