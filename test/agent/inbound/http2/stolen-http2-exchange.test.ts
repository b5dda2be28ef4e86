import t from "tap";
import {
  encodePlain,
  type HeaderPair,
  HpackDecoder,
  headersFrames,
  RfcErrorCode,
} from "../../../../src/http/index.ts";
import { encodeStreamHead, type ResetCode } from "../../../../src/protocol/index.ts";
import { InboundStage } from "../inbound-stage.ts";
import { Http2App } from "./http2-app.ts";
import { StrictClient } from "./strict-client.ts";

const mine: HeaderPair = ["x-user", "ann"];
const ok: HeaderPair = [":status", "200"];
const grpc: HeaderPair = ["content-type", "application/grpc"];

async function scene(options: { onLocalFailure?: "original" | "error"; tellsCallers?: boolean } = {}) {
  const stage = await InboundStage.start({ steal: "header(x-user) == ann", ...options });
  const app = await Http2App.start(stage);
  const client = new StrictClient(await stage.connect());
  return {
    stage,
    app,
    client,
    /** A stolen request and the session's side of it. */
    async stolen(fields: readonly HeaderPair[] = [mine], body?: Buffer | "open") {
      const { id, stream } = client.request(fields, body);
      return { id, stream, local: await stage.session.next() };
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    },
  };
}

void t.test(
  "the session gets the field list as it was sent: order, repetition, never-indexed marks",
  async (t) => {
    await using all = await scene();
    const { client, stage } = all;
    const pairs: HeaderPair[] = [
      [":method", "PUT"],
      [":scheme", "http"],
      [":authority", "pod"],
      [":path", "/x"],
      ["cookie", "a=1"],
      mine,
      ["authorization", "secret"],
      ["cookie", "b=2"],
      ["te", "trailers"],
    ];
    const block = encodePlain(pairs, { isNeverIndexed: (name) => name === "authorization" });
    const begun = client.request([mine], "open");
    await stage.session.next();
    client.end.send(headersFrames({ streamId: begun.id + 2, block, endStream: false }));
    const local = await stage.session.next();
    t.same([local.meta.kind, local.meta.endsWithHead], ["http2", false]);
    const { fields, representations } = new HpackDecoder({ maxListBytes: 65_536, maxTableBytes: 0 }).decode(
      local.rawHead,
    );
    t.same(
      fields.map(({ name, value }) => [name, value]),
      pairs,
    );
    t.same(
      representations.filter(({ kind }) => kind === "never-indexed").map(({ entry }) => entry?.name),
      ["authorization"],
    );
  },
);

void t.test(
  "the client gets the answer as it was given: order, marks, interim heads, trailers",
  async (t) => {
    await using all = await scene();
    const { client } = all;
    const { id, stream, local } = await all.stolen();
    t.same([local.meta.endsWithHead, local.said], [true, ["end"]]);
    const fields: HeaderPair[] = [ok, ["set-cookie", "a"], ["x-b", "1"], ["set-cookie", "b"], ["x-b", "2"]];
    local.say("informational", [
      [":status", "103"],
      ["link", "x"],
    ]);
    local.say("response", fields, (name) => name === "set-cookie").data("content");
    local
      .say("trailers", [
        ["x-sum", "1"],
        ["x-sum", "2"],
      ])
      .finish();
    await client.over(id);
    t.same(stream.heads, [
      [
        [":status", "103"],
        ["link", "x"],
      ],
      fields,
      [
        ["x-sum", "1"],
        ["x-sum", "2"],
      ],
    ]);
    t.same([[...stream.neverIndexed], stream.text, stream.endedBy], [["set-cookie"], "content", "headers"]);
    t.equal(local.creditBytes, 7);
  },
);

void t.test("an answer that is its head alone ends with it, even when its end comes later", async (t) => {
  await using all = await scene();
  const heads: HeaderPair[][] = [
    [ok, grpc, ["grpc-status", "5"]],
    [[":status", "204"]],
    [
      [":status", "304"],
      ["content-length", "9"],
    ],
    [ok, ["content-length", "0"]],
  ];
  for (const head of heads) {
    const { id, stream, local } = await all.stolen();
    local.say("response", head);
    all.client.ping("12345678");
    const pings = all.client.pings.length;
    await all.client.until(() => all.client.pings.length > pings);
    t.equal(stream.heads.length, 0, "it is kept");
    local.finish();
    await all.client.over(id);
    t.same([stream.endedBy, stream.heads.length], ["headers", 1], String(head));
  }
  const { id, stream, local } = await all.stolen([mine, [":method", "HEAD"]]);
  local.say("response", [ok, ["content-length", "9"]]).finish();
  await all.client.over(id);
  t.same([stream.endedBy, stream.field("content-length")], ["headers", "9"]);
});

void t.test("an answer that breaks a rule is a failure, never passed on", async (t) => {
  await using all = await scene();
  const tabled = Buffer.concat([encodePlain([ok]), Buffer.from([0x40, 1, 0x61, 1, 0x62])]);
  const head = (block: Uint8Array) => encodeStreamHead("response", block);
  const broken: [string, Uint8Array][] = [
    ["it needs a table", head(tabled)],
    ["it refers to a table", head(Buffer.from([0x88, 0xbe]))],
    ["it is cut", head(Buffer.from([0x88, 0x40]))],
    ["it has no status", head(encodePlain([["x", "1"]]))],
    ["it has a name in upper case", head(encodePlain([ok, ["X", "1"]]))],
    ["it has a field of the connection", head(encodePlain([ok, ["connection", "close"]]))],
    ["101 is none (RFC 9113 §8.6)", head(encodePlain([[":status", "101"]]))],
    ["an interim head in the place of the answer", head(encodePlain([[":status", "103"]]))],
    ["an answer in the place of an interim head", encodeStreamHead("informational", encodePlain([ok]))],
    ["trailers before the answer", encodeStreamHead("trailers", encodePlain([["x", "1"]]))],
  ];
  for (const [name, payload] of broken) {
    const { id, stream, local } = await all.stolen();
    local.payload(payload);
    await all.client.over(id);
    t.same([stream.status, stream.field("magpie-error")], ["502", "protocol-error"], name);
    t.match(local.said.at(-1), /^reset protocol-error/);
  }
});

void t.test("RFC 9113 §8.1.1: content that is not as announced is never a whole answer", async (t) => {
  await using all = await scene();
  const { client } = all;
  for (const [name, head, content] of [
    ["shorter", [ok, ["content-length", "9"]], ["half"]],
    ["longer", [ok, ["content-length", "2"]], ["ok", "more"]],
  ] as const) {
    const { id, stream, local } = await all.stolen();
    local.say("response", head).data(content[0]);
    await client.until(() => stream.text.length > 0);
    if (content[1] === undefined) local.finish();
    else local.data(content[1]);
    t.same([(await client.over(id)).reset, stream.ended], [RfcErrorCode.internalError, false], name);
  }
  const { id, local } = await all.stolen();
  local.say("response", [[":status", "204"]]).data("x");
  t.equal((await client.over(id)).status, "502", "204 with content");
});

void t.test("a reset says the same on both sides", async (t) => {
  await using all = await scene();
  const { client } = all;
  for (const [code, seen] of [
    ["http2-enhance-your-calm", RfcErrorCode.enhanceYourCalm],
    ["http2-cancel", RfcErrorCode.cancel],
    // Some clients would take what they have for all of it.
    ["http2-no-error", RfcErrorCode.internalError],
  ] as const)
    for (const fields of [[mine], [mine, grpc]] as const) {
      const before = await all.stolen(fields);
      before.local.accept().fail(code);
      t.equal((await client.over(before.id)).reset, seen, code);
      const within = await all.stolen(fields);
      within.local.say("response", [ok, ...fields.slice(1)]).data("x");
      await client.until(() => within.stream.text === "x");
      within.local.fail(code);
      await client.over(within.id);
      t.same([within.stream.reset, within.stream.ended, within.stream.heads.length], [seen, false, 1], code);
    }
  for (const [code, said] of [
    [RfcErrorCode.cancel, "http2-cancel"],
    [RfcErrorCode.enhanceYourCalm, "http2-enhance-your-calm"],
    [RfcErrorCode.noError, "http2-no-error"],
  ] as const) {
    const { id, local } = await all.stolen();
    client.cancel(id, code);
    t.match(await local.wasReset(), `reset ${said}:`);
  }
});

void t.test("RFC 9113 §8.7: what the program refused before it took anything is the app's", async (t) => {
  await using all = await scene();
  const { client } = all;
  const { id, local } = await all.stolen([mine, [":path", "/kept"]], Buffer.from("content"));
  local.fail("http2-refused-stream");
  t.same([(await client.over(id)).field("server"), client.stream(id).field("x-bytes")], ["app", "7"]);
  const passed = await all.stolen();
  await client.over(client.request([]).id);
  passed.local.fail("http2-refused-stream");
  t.equal((await client.over(passed.id)).reset, RfcErrorCode.refusedStream);
  const taken = await all.stolen([mine, grpc]);
  taken.local.accept().fail("http2-refused-stream");
  t.equal((await client.over(taken.id)).reset, RfcErrorCode.refusedStream);
});

void t.test("gRPC: each failure has its status, before and within the answer", async (t) => {
  await using all = await scene({ onLocalFailure: "error" });
  const { client } = all;
  const statuses: [ResetCode, string][] = [
    ["local-refused", "14"],
    ["local-closed", "14"],
    ["session-closed", "14"],
    ["refused", "14"],
    ["local-timeout", "14"],
    ["cancelled", "1"],
    ["protocol-error", "13"],
    ["internal", "13"],
  ];
  for (const type of [
    "application/grpc",
    "application/grpc+proto",
    "application/grpc;x=y",
    "Application/gRPC+json",
  ])
    for (const [code, status] of statuses) {
      const call: HeaderPair = ["content-type", type];
      const early = await all.stolen([mine, call], "open");
      early.local.fail(code, "why");
      await client.over(early.id);
      const { stream } = early;
      t.same(
        [stream.field("grpc-status"), stream.endedBy, stream.heads.length],
        [status, "headers", 1],
        code,
      );
      t.match(stream.field("grpc-message"), /^magpie: .*\(why\)$/);
      const late = await all.stolen([mine, call]);
      // Half of a message of nine bytes.
      late.local.say("response", [ok, call]).data("\0\0\0\0\x09half");
      await client.until(() => late.stream.text.endsWith("half"));
      late.local.fail(code, "why");
      await client.over(late.id);
      t.same(
        [late.stream.field("grpc-status", 1), late.stream.ended, late.stream.reset],
        [status, true, undefined],
      );
    }
  const other = await all.stolen([mine, ["content-type", "application/grpc-web"]]);
  other.local.fail("local-refused");
  t.equal((await client.over(other.id)).status, "502", "gRPC-Web is something else");
  // A page that is cut may not end as if it were whole, whoever asked for it.
  const page = await all.stolen([mine, grpc]);
  page.local.say("response", [ok, ["content-type", "text/html"]]).data("half");
  await client.until(() => page.stream.text === "half");
  page.local.fail("local-closed");
  t.same([(await client.over(page.id)).reset, page.stream.ended], [RfcErrorCode.internalError, false]);
});

void t.test(
  "an interim head is no answer: a gRPC call that fails behind it gets trailers only",
  async (t) => {
    await using all = await scene();
    const { id, stream, local } = await all.stolen([mine, grpc]);
    local.say("informational", [[":status", "103"]]);
    await all.client.until(() => stream.heads.length === 1);
    local.say("response", [ok, grpc, ["grpc-status", "0"]]).fail("local-closed");
    await all.client.over(id);
    t.same(
      [stream.heads.length, stream.field(":status", 1), stream.field("grpc-status", 1)],
      [2, "200", "14"],
    );
  },
);

void t.test("a whole answer stays one, whatever becomes of the session", async (t) => {
  await using all = await scene();
  const { client } = all;
  client.isGenerous = false;
  const { id, stream, local } = await all.stolen();
  local.say("response", [ok]).data(Buffer.alloc(100_000, "x")).finish();
  await client.until(() => stream.bodyBytes === 65_535);
  local.fail("session-closed");
  client.grant(0, 100_000);
  client.grant(id, 100_000);
  await client.over(id);
  t.same([stream.bodyBytes, stream.ended, stream.reset], [100_000, true, undefined]);
});

void t.test(
  "RFC 9113 §8.1: a whole answer reaches its caller, then the code by which the program refused the rest",
  async (t) => {
    await using all = await scene();
    const { client } = all;
    client.isGenerous = false;
    for (const [code, seen] of [
      ["http2-no-error", RfcErrorCode.noError],
      ["http2-cancel", RfcErrorCode.cancel],
    ] as const) {
      const { id, stream, local } = await all.stolen([mine], "open");
      local.accept().say("response", [ok]).data(Buffer.alloc(100_000, "x")).finish();
      await client.until(() => stream.bodyBytes === 65_535);
      local.fail(code);
      client.grant(0, 100_000); // What was sent, for the next one.
      client.grant(id, 34_465);
      await client.until(() => stream.reset !== undefined);
      t.same([stream.bodyBytes, stream.ended, stream.reset], [100_000, true, seen], code);
    }
  },
);

void t.test("tunnels", async (t) => {
  const connect: HeaderPair[] = [[":method", "CONNECT"], [":authority", "db:5432"], mine];
  const webSocket: HeaderPair[] = [
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":path", "/chat"],
    mine,
  ];

  await t.test("RFC 9113 §8.5: bytes both ways, and each side ends by itself", async (t) => {
    await using all = await scene();
    const { client, stage } = all;
    for (const first of ["client", "program"] as const) {
      const { id, stream, local } = await all.stolen(connect, "open");
      t.equal(local.head, ":method: CONNECT\r\n:authority: db:5432\r\nx-user: ann\r\n");
      // Content-Length means nothing here (RFC 9110 §9.3.6).
      local.accept().say("response", [ok, ["content-length", "3"]]);
      await client.until(() => stream.heads.length === 1);
      client.send(id, Buffer.from("to the program"), first === "client");
      await local.got("to the program");
      if (first === "program") local.data("to the client").finish();
      else local.data("to the client");
      await client.until(() => stream.text === "to the client");
      t.equal(stream.reset, undefined);
      if (first === "client") local.data(", more").finish();
      else client.send(id, Buffer.from(", more"), true);
      await client.until(() => stream.ended);
      await local.until(({ said }) => said.at(-1) === "end");
      t.same([stream.endedBy, stream.reset], ["data", undefined]);
    }
    t.same(
      stage.records.map(({ verdict, method, status }) => [verdict, method, status]),
      [
        ["stolen", "CONNECT", 200],
        ["stolen", "CONNECT", 200],
      ],
    );
  });

  await t.test("a failure resets the caller's side", async (t) => {
    await using all = await scene();
    for (const [fields, code, seen] of [
      [connect, "local-closed", RfcErrorCode.connectError],
      [connect, "session-closed", RfcErrorCode.connectError],
      [connect, "http2-enhance-your-calm", RfcErrorCode.enhanceYourCalm],
      [webSocket, "local-closed", RfcErrorCode.cancel],
    ] as const) {
      const { id, stream, local } = await all.stolen(fields, "open");
      local.say("response", [ok]).data("x");
      await all.client.until(() => stream.text === "x");
      local.fail(code);
      t.same([(await all.client.over(id)).reset, stream.ended], [seen, false], code);
    }
    const { id, local } = await all.stolen(webSocket, "open");
    local.say("response", [ok]);
    all.client.cancel(id);
    t.match(await local.wasReset(), /^reset http2-cancel/);
  });

  await t.test("any other answer is one, with its content", async (t) => {
    await using all = await scene();
    const { id, stream, local } = await all.stolen(webSocket, "open");
    local
      .say("response", [
        [":status", "403"],
        ["content-length", "2"],
      ])
      .data("no")
      .finish();
    await all.client.until(() => stream.reset !== undefined);
    t.same(
      [stream.status, stream.text, stream.ended, stream.reset],
      ["403", "no", true, RfcErrorCode.noError],
    );
    t.match(await local.wasReset(), /^reset http2-no-error/);
    t.equal(id, 1);
  });

  await t.test("RFC 8441 §3: without an app we say that they are taken", async (t) => {
    await using stage = await InboundStage.start({ steal: "header(x-user) == ann" });
    stage.dialer.mode = "refuse";
    const client = new StrictClient(await stage.connect());
    await client.until(() => client.hasSettings);
    t.equal(client.settings.get(8), 1);
    const { stream } = client.request(webSocket, "open");
    (await stage.session.next()).say("response", [ok]).data("hello");
    await client.until(() => stream.text === "hello");
  });
});

void t.test(
  "who served a caller is told at the end of the final head, of gRPC too, where it is wanted",
  async (t) => {
    await using all = await scene({ tellsCallers: true });
    const { client, stage } = all;
    for (const fields of [[mine], [mine, grpc]] as const) {
      const { id, stream, local } = await all.stolen(fields);
      local.say("informational", [[":status", "103"]]);
      const answer: HeaderPair[] = [ok, ...(fields.length > 1 ? [grpc] : [])];
      local
        .say("response", answer)
        .data("x")
        .say("trailers", [["grpc-status", "0"]])
        .finish();
      await client.over(id);
      t.same(stream.heads, [
        [[":status", "103"]],
        [...answer, ["magpie-served-by", "s1 (ann)"]],
        [["grpc-status", "0"]],
      ]);
    }
    const { id } = client.request([["x-user", "bob"]]);
    const passed = await client.over(id);
    t.equal(passed.field("magpie-served-by"), undefined, "an answer of the app is the app's");
    t.match(stage.records, [
      { protocol: "http2", verdict: "stolen", session: "s1", status: 200, bytesOut: 1 },
      { protocol: "http2", verdict: "stolen" },
      { protocol: "http2", verdict: "original", status: 200, headerNames: ["x-user"] },
    ]);
  },
);
