import { connect, constants } from "node:http2";
import { Duplex } from "node:stream";
import t from "tap";
import { InboundStage } from "../inbound-stage.ts";
import type { ScriptedStream } from "../scripted-session.ts";
import { Http2App } from "./http2-app.ts";
import { StrictClient } from "./strict-client.ts";

const MINE = "header(x-user) == ann";
const mine: [string, string] = ["x-user", "ann"];
const ok: [string, string] = [":status", "200"];
const { REFUSED_STREAM, INTERNAL, NO_ERROR, CANCEL } = {
  REFUSED_STREAM: constants.NGHTTP2_REFUSED_STREAM,
  INTERNAL: constants.NGHTTP2_INTERNAL_ERROR,
  NO_ERROR: constants.NGHTTP2_NO_ERROR,
  CANCEL: constants.NGHTTP2_CANCEL,
};

/** Plays the local process: answers with the size that the path asks for, when the request is whole. */
async function serve(stage: InboundStage): Promise<void> {
  for (;;) void answer(await stage.session.next());
}

async function answer(stream: ScriptedStream): Promise<void> {
  stream.accept();
  const size = Number(/size=(\d+)/.exec(stream.head)?.[1] ?? 0);
  const tag = /x-tag: (\S+)/.exec(stream.head)?.[1] ?? "";
  await stream.until(({ said }) => said.some((what) => /^(end|reset)/.test(what)));
  stream.say("response", [
    [":status", "200"],
    ["server", "local"],
    ["x-tag", tag],
    ["x-bytes", String(stream.bytes)],
  ]);
  for (let at = 0; at < size; at += 65_536) stream.data(Buffer.alloc(Math.min(65_536, size - at), "l"));
  stream.say("trailers", [["x-sum", String(stream.bytes)]]).finish();
}

for (const windowBytes of [1_000, 16_384, 65_535, 1_048_576])
  for (const tableBytes of [0, 200, 4_096, 65_536])
    void t.test(
      `node:http2 both ends, window ${windowBytes}, table ${tableBytes}: every answer is its own`,
      async (t) => {
        await using stage = await InboundStage.start({ steal: MINE });
        await using app = await Http2App.start(stage, { windowBytes, tableBytes });
        void serve(stage);
        const raw = await stage.connect();
        const session = connect("http://pod", {
          createConnection: () => asDuplex(raw.socket),
          settings: { initialWindowSize: windowBytes, headerTableSize: tableBytes },
          maxSessionMemory: 1_000,
        });
        session.on("error", (error) => t.fail(String(error)));
        const sizes = [0, 1_000, 16_384, 100_000, 1_000_000];
        const one = async (index: number) => {
          const size = sizes[index % sizes.length] ?? 0;
          const upload = [0, 0, 100_000, 300_000][index % 4] ?? 0;
          const isStolen = index % 3 === 0;
          const headers: Record<string, string> = {
            ":path": `/?size=${size}&n=${index}`,
            ":method": upload > 0 ? "POST" : "GET",
            "x-tag": `tag${index}`,
            "x-long": "v".repeat(index * 7),
          };
          if (isStolen) headers["x-user"] = "ann";
          const request = session.request(headers, { endStream: upload === 0 });
          if (upload > 0) request.end(Buffer.alloc(upload, "u"));
          let bytes = 0;
          let head: Record<string, unknown> = {};
          let sum: unknown;
          request.on("response", (fields) => (head = fields));
          request.on("trailers", (fields) => (sum = fields["x-sum"]));
          request.on("data", (chunk: Buffer) => (bytes += chunk.length));
          await new Promise<void>((resolve, reject) => {
            request.on("close", resolve);
            request.on("error", reject);
          });
          t.same(
            [head["server"], head["x-tag"], head["x-bytes"], sum, bytes],
            [isStolen ? "local" : "app", `tag${index}`, String(upload), String(upload), size],
            `request ${index}`,
          );
        };
        const indexes = Array.from({ length: 36 }, (_, index) => index);
        const lane = async () => {
          for (let index = indexes.shift(); index !== undefined; index = indexes.shift()) await one(index);
        };
        await Promise.all(Array.from({ length: 12 }, lane));
        t.equal(app.requests.length, 24);
        session.destroy();
      },
    );

/** Node wants a socket that nobody else reads. */
function asDuplex(socket: Duplex): Duplex {
  const duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, () => done()),
  });
  socket.on("data", (chunk: Buffer) => duplex.push(chunk));
  socket.on("close", () => duplex.push(null));
  return duplex;
}

void t.test(
  "until the first stolen stream the app gets the very bytes, and so does the client",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    await using app = await Http2App.start(stage);
    const raw = await stage.connect();
    const sent: Buffer[] = [];
    const session = connect("http://pod", {
      createConnection: () => {
        const duplex = asDuplex(raw.socket);
        const write = raw.socket.write.bind(raw.socket);
        raw.socket.write = ((chunk: Buffer, done: () => void) => {
          sent.push(Buffer.from(chunk));
          return write(chunk, done);
        }) as typeof raw.socket.write; // The one form that is called here.
        return duplex;
      },
    });
    for (let index = 0; index < 20; index++) {
      const request = session.request({
        ":path": `/?size=${index * 5_000}`,
        ":method": "POST",
        "x-n": `n${index}`,
      });
      request.end(Buffer.alloc(index * 1_000, "u"));
      request.resume();
      await new Promise((resolve) => request.on("close", resolve));
    }
    const all = Buffer.concat(sent).toString("latin1");
    await app.ends[0]?.until((end) => end.bytes >= all.length);
    t.ok(app.ends[0]?.text === all, "client to app");
    t.match(stage.records[0], { verdict: "original", method: "POST", target: "/?size=0", status: 200 });
    t.equal(stage.records.length, 20);
    session.destroy();
  },
);

async function strict(
  options: {
    onLocalFailure?: "original" | "error";
    window?: number;
    table?: number;
    withoutApp?: boolean;
    steal?: string;
  } = {},
) {
  const { onLocalFailure = "original", steal = MINE } = options;
  const stage = await InboundStage.start({ steal, onLocalFailure });
  if (options.withoutApp === true) stage.dialer.mode = "refuse";
  const app = await Http2App.start(stage);
  const client = new StrictClient(await stage.connect(), {
    ...(options.window === undefined ? {} : { windowBytes: options.window }),
    ...(options.table === undefined ? {} : { tableBytes: options.table }),
  });
  return {
    stage,
    app,
    client,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    },
  };
}

void t.test("no window of the client is ever overrun, with credit that comes late", async (t) => {
  await using scene = await strict();
  const { client, stage } = scene;
  void serve(stage);
  client.isGenerous = false;
  const all = Array.from({ length: 8 }, (_, index) =>
    client.request([[":path", "/?size=1000000"], ...(index % 2 === 0 ? [mine] : [])]),
  );
  let given = 0;
  while (all.some(({ stream }) => !stream.isOver)) {
    await client.until(
      () =>
        client.windowBytes < 20_000 ||
        all.every(({ stream }) => stream.isOver || stream.windowBytes < 20_000),
    );
    given += 30_000;
    if (client.windowBytes < 60_000) client.grant(0, 30_000);
    for (const { id, stream } of all)
      if (!stream.isOver && stream.windowBytes < 30_000) client.grant(id, 30_000);
  }
  t.ok(given > 0);
  for (const { stream } of all) t.equal(stream.bodyBytes, 1_000_000);
});

void t.test("a client that lowered its header table reads every block", async (t) => {
  await using scene = await strict({ table: 0 });
  const { client, stage } = scene;
  void serve(stage);
  for (let round = 0; round < 6; round++) {
    const { id } = client.request(
      round % 2 === 0 ? [mine, ["x-tag", `t${round}`]] : [["x-tag", `t${round}`]],
    );
    t.equal((await client.over(id)).field("x-tag"), `t${round}`);
  }
});

void t.test("uploads that hang at local hold up nobody else", async (t) => {
  await using scene = await strict();
  const { client, stage } = scene;
  const hanging = client.request([mine], "open");
  const local = await stage.session.next();
  local.accept();
  local.takesMore = false;
  client.send(hanging.id, Buffer.alloc(60_000, "u"), false);
  await client.until(() => client.sendBytes === 65_535);
  t.equal(hanging.stream.sendBytes, 5_535, "its own credit is not given back");
  const other = client.request([[":path", "/other"]], Buffer.alloc(60_000, "o"));
  t.equal((await client.over(other.id)).field("x-bytes"), "60000");
  local.drain();
  await client.until(() => hanging.stream.sendBytes === 65_535);
  client.send(hanging.id, Buffer.from("end"), false);
  client.trailers(hanging.id, [["x-sum", "7"]]);
  await local.until(({ said }) => said.includes("trailers x-sum: 7\r\n"));
  local.say("informational", [
    [":status", "103"],
    ["link", "x"],
  ]);
  local
    .say("response", [
      [":status", "201"],
      ["content-length", "2"],
    ])
    .data("ok")
    .finish();
  const stream = await client.over(hanging.id);
  t.same(stream.heads, [
    [
      [":status", "103"],
      ["link", "x"],
    ],
    [
      [":status", "201"],
      ["content-length", "2"],
    ],
  ]);
  t.equal(stream.text, "ok");
});

void t.test("a hundred uploads that hang at local hold up nobody else on their connection", async (t) => {
  await using scene = await strict();
  const { client, stage } = scene;
  const windowBytes = 65_535;
  for (let count = 0; count < 100; count++) {
    const { id, stream } = client.request([mine], "open");
    const local = await stage.session.next();
    local.accept();
    local.takesMore = false;
    client.send(id, Buffer.alloc(windowBytes, "u"), false);
    await client.until(() => stream.sendBytes === 0 && client.sendBytes === windowBytes);
  }
  const other = client.request([[":path", "/other"]], Buffer.alloc(60_000, "o"));
  t.equal((await client.over(other.id)).field("x-bytes"), "60000");
});

void t.test("a cancelled stream cancels the delivery, and the connection goes on", async (t) => {
  await using scene = await strict();
  const { client, stage } = scene;
  const { id } = client.request([mine], "open");
  const local = await stage.session.next();
  client.cancel(id);
  t.equal(await local.wasReset(), "reset http2-cancel: the caller reset the stream");
  client.send(id, Buffer.alloc(1_000), true);
  client.grant(id, 10);
  const next = client.request([[":path", "/next"]]);
  t.equal((await client.over(next.id)).field("x-path"), "/next");
  await client.until(() => client.sendBytes === 65_535);
});

void t.test("a client that is gone cancels the delivery", async (t) => {
  await using scene = await strict();
  const { client, stage } = scene;
  client.request([mine]);
  const local = await stage.session.next();
  client.end.socket.resetAndDestroy();
  t.match(await local.wasReset(), /caller is gone/);
  await stage.closed(1);
});

void t.test("failures", async (t) => {
  const grpc: [string, string] = ["content-type", "application/grpc"];

  await t.test("nothing delivered: the app gets the stream after all, with body and trailers", async (t) => {
    await using scene = await strict();
    const { client, stage, app } = scene;
    const { id } = client.request([mine, [":path", "/kept"]], "open");
    const local = await stage.session.next();
    client.send(id, Buffer.alloc(40_000, "k"), false);
    await local.until(({ bytes }) => bytes === 40_000);
    local.fail("local-refused");
    client.send(id, Buffer.alloc(5_000, "k"), false);
    client.trailers(id, [["x-sum", "1"]]);
    const stream = await client.over(id);
    t.same([stream.field("server"), stream.field("x-bytes")], ["app", "45000"]);
    t.equal(app.requests.length, 1);
    await client.until(() => client.sendBytes > 50_000);
    t.match(stage.records.at(-1), { verdict: "original", failure: "local-refused" });
  });

  await t.test(
    "nothing delivered, but the app has later streams: the client is told to ask again",
    async (t) => {
      await using scene = await strict();
      const { client, stage } = scene;
      const { id } = client.request([mine]);
      const local = await stage.session.next();
      const later = client.request([]);
      await client.over(later.id);
      local.fail("local-refused");
      t.equal((await client.over(id)).reset, REFUSED_STREAM);
    },
  );

  await t.test("delivered, not answered: 502 that says why", async (t) => {
    await using scene = await strict();
    const { client, stage } = scene;
    const { id } = client.request([mine]);
    (await stage.session.next()).accept().fail("local-closed", "gone");
    const stream = await client.over(id);
    t.same([stream.status, stream.field("magpie-error"), stream.ended], ["502", "local-closed", true]);
  });

  await t.test("delivered, not answered, body unfinished: INTERNAL_ERROR", async (t) => {
    await using scene = await strict();
    const { client, stage } = scene;
    const { id } = client.request([mine], "open");
    (await stage.session.next()).accept().fail("local-closed");
    t.same([(await client.over(id)).reset, client.stream(id).ended], [INTERNAL, false]);
  });

  await t.test("answer begun: INTERNAL_ERROR, never END_STREAM", async (t) => {
    await using scene = await strict();
    const { client, stage } = scene;
    for (const framing of [[["content-length", "9"]], []] as const) {
      const { id, stream } = client.request([mine]);
      const local = await stage.session.next();
      local
        .accept()
        .say("response", [ok, ...framing])
        .data("half");
      await client.until(() => stream.text === "half");
      local.fail("local-closed");
      t.same([(await client.over(id)).reset, stream.ended], [INTERNAL, false], String(framing));
    }
    const short = client.request([mine]);
    const local = await stage.session.next();
    local
      .accept()
      .say("response", [ok, ["content-length", "9"]])
      .data("half")
      .finish();
    t.equal((await client.over(short.id)).status, "502", "not begun on the wire yet");
  });

  await t.test("gRPC: a status that says why, before and within the answer", async (t) => {
    await using scene = await strict({ onLocalFailure: "error" });
    const { client, stage } = scene;
    const first = client.request([mine, grpc], "open");
    (await stage.session.next()).fail("local-refused", "50 % gone");
    const stream = await client.over(first.id);
    t.same([stream.status, stream.field("grpc-status"), stream.ended], ["200", "14", true]);
    t.match(stream.field("grpc-message"), /^magpie: nothing listens .*\(50 %25 gone\)$/);
    const second = client.request([mine, grpc]);
    const local = await stage.session.next();
    local.accept().say("response", [ok, grpc]);
    await client.until(() => second.stream.heads.length === 1);
    local.fail("session-closed");
    await client.over(second.id);
    t.same([second.stream.field("grpc-status", 1), second.stream.ended], ["14", true]);
  });

  await t.test("an early answer ends with NO_ERROR", async (t) => {
    await using scene = await strict();
    const { client, stage } = scene;
    const { id, stream } = client.request([mine], "open");
    const local = await stage.session.next();
    local
      .accept()
      .say("response", [[":status", "413"]])
      .finish();
    await client.until(() => stream.reset !== undefined);
    t.same([stream.status, stream.ended, stream.reset], ["413", true, NO_ERROR]);
    t.match(await local.wasReset(), /answered before/);
    client.cancel(id);
    t.equal((await client.over(client.request([]).id)).status, "200");
  });

  await t.test("a body that is not as announced: PROTOCOL_ERROR, for this stream only", async (t) => {
    await using scene = await strict();
    const { client, stage } = scene;
    const { id } = client.request([mine, ["content-length", "9"]], Buffer.from("short"));
    t.match(await (await stage.session.next()).wasReset(), /cancelled/);
    t.equal((await client.over(id)).reset, 1);
    t.equal((await client.over(client.request([]).id)).status, "200");
  });
});

void t.test("GOAWAY of the app leaves stolen streams to the session", async (t) => {
  await using scene = await strict();
  const { client, stage, app } = scene;
  await client.over(client.request([]).id);
  const { id, stream } = client.request([mine]);
  const local = await stage.session.next();
  const sessions: { goaway(code: number, last: number): void; close(): void }[] = [];
  app.server.on("session", (session) => sessions.push(session));
  app.ends[0]?.socket.end(Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]));
  await client.until(() => client.goaway !== undefined);
  t.equal(client.goaway?.lastStreamId, id);
  local
    .accept()
    .say("response", [ok, ["content-length", "2"]])
    .data("ok")
    .finish();
  await client.over(id);
  t.equal(stream.text, "ok");
  await client.end.over("fin");
});

void t.test("the app dies: streams it had are reset, stolen ones are answered", async (t) => {
  await using scene = await strict();
  const { client, stage, app } = scene;
  const { id, stream } = client.request([mine]);
  const local = await stage.session.next();
  const lost = client.request([], "open");
  client.ping("12345678");
  await client.until(() => client.pings.length === 1);
  app.ends[0]?.socket.resetAndDestroy();
  t.equal((await client.over(lost.id)).reset, INTERNAL);
  client.ping("abcdefgh");
  await client.until(() => client.pings.length === 2);
  local
    .accept()
    .say("response", [ok, ["content-length", "2"]])
    .data("ok")
    .finish();
  await client.over(id);
  t.equal(stream.text, "ok");
  await client.end.over("fin");
});

void t.test("without an app stolen streams are served, and others refused", async (t) => {
  await using scene = await strict({ withoutApp: true });
  const { client, stage } = scene;
  void serve(stage);
  const { id } = client.request([[":path", "/?size=100000"], mine]);
  t.equal((await client.over(id)).bodyBytes, 100_000);
  client.ping("12345678");
  await client.until(() => client.pings.length === 1);
});

void t.test("a client that breaks the rules", async (t) => {
  await t.test("before a stolen stream is the app's to judge, byte for byte", async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const said = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x05\x06\0\0\0\0\0hello and more";
    for (const byte of Buffer.from(said, "latin1")) client.send(Uint8Array.of(byte));
    await app.got(said);
    app.send("any bytes");
    await client.got("any bytes");
    t.match(stage.records, []);
    client.socket.destroy();
    await app.over("fin");
    app.socket.end();
    await stage.closed(1);
    t.match(stage.records, [{ verdict: "opaque", reason: "ambiguous-request: frame-size" }]);
  });

  await t.test("after one is told why, and its deliveries end", async (t) => {
    await using scene = await strict();
    const { client, stage } = scene;
    client.request([mine]);
    const local = await stage.session.next();
    client.ping("12345678");
    await client.until(() => client.pings.length === 1);
    client.end.send(Buffer.from([0, 0, 5, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5]));
    await client.until(() => client.goaway !== undefined);
    t.equal(client.goaway?.code, constants.NGHTTP2_FRAME_SIZE_ERROR);
    t.match(await local.wasReset(), /cancelled/);
    await client.end.over("fin");
  });

  await t.test("CVE-2023-44487: resets of stolen streams are counted", async (t) => {
    await using scene = await strict();
    const { client } = scene;
    for (let count = 0; count < 1_200; count++) client.cancel(client.request([mine]).id);
    await client.until(() => client.goaway !== undefined);
    t.equal(client.goaway?.code, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    t.ok(CANCEL);
  });
});
