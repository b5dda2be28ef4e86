import t, { type Test } from "tap";
import { splitRandomly, seededRandom } from "../fixtures/byte-splits.ts";
import { readResponses } from "../fixtures/http-message.ts";
import type { RawScript } from "../fixtures/raw-app.ts";
import { RawApp } from "../fixtures/raw-app.ts";
import type { RawConnection } from "../fixtures/raw-client.ts";
import { Scene } from "../fixtures/scene.ts";
import { answer, message, raw } from "../fixtures/wire-messages.ts";

const match = "x-tenant: blue";
const filter = ["--header", "^x-tenant: blue$", "--trace"];
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

const get = message(["GET /mine HTTP/1.1", match]);
const bystander = message(["GET /theirs HTTP/1.1", "Host: pod"]);
const fromApp = answer(200, "from the app");
const upgrade = message(["GET /chat HTTP/1.1", match, "Connection: Upgrade", "Upgrade: echo"]);
const switched = message(["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: echo"]);
const halfPost = message(["POST / HTTP/1.1", match, "Content-Length: 1000"], "half of it");

/** How an answer can be framed toward the caller, each begun and not ended. */
const begun = [
  {
    name: "Content-Length",
    request: get,
    response: message(["HTTP/1.1 200 OK", "Content-Length: 1000"], "only this"),
  },
  {
    name: "chunked",
    request: get,
    response: message(["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"], "9\r\nonly this\r\n"),
  },
  { name: "no length", request: get, response: message(["HTTP/1.1 200 OK"], "only this") },
  {
    name: "Content-Length, for HTTP/1.0",
    request: message(["GET / HTTP/1.0", match]),
    response: message(["HTTP/1.1 200 OK", "Content-Length: 1000"], "only this"),
  },
  {
    name: "chunked, for HTTP/1.0",
    request: message(["GET / HTTP/1.0", match]),
    response: message(["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"], "9\r\nonly this\r\n"),
  },
] as const;

/** Reads until these words have come. */
async function readThrough(connection: RawConnection, words: string): Promise<string> {
  let seen = "";
  while (!seen.includes(words)) {
    const { bytes, why } = await connection.read({ bytes: 1 });
    seen += text(bytes);
    if (why !== "bytes") throw new Error(`${why} after ${seen}`);
  }
  return seen;
}

/** Nobody may take what came for a whole answer: either its framing says that more was to come, or it was cut by RST. */
function assertCut(t: Test, name: string, seen: { bytes: string; why: string }): void {
  t.match(seen.why, /^(fin|reset)$/, `${name}: the connection is ended`);
  const [response] = readResponses(raw(seen.bytes), ["GET"]);
  const hasLength =
    response?.lines.some((line) => /^(content-length|transfer-encoding):/i.test(line)) === true;
  t.match(response?.body, /^only this/, name);
  t.equal(response?.isWhole, false, `${name}: it is not whole`);
  if (!hasLength) t.equal(seen.why, "reset", `${name}: without a length only RST says so`);
}

/** Whether somebody else is served just now. */
async function assertBystander(t: Test, scene: Scene, during: string): Promise<void> {
  await scene.app.setScript({ answers: [{ afterBytes: 1, chunks: [fromApp] }] });
  const until = { bytes: fromApp.length };
  const { bytes } = await scene.client.exchange({ ...scene.to, chunks: [bystander], until });
  t.equal(text(bytes), text(fromApp), `a bystander is served ${during}`);
}

/** A port that nobody listens on. */
async function deadPort(): Promise<number> {
  await using app = await RawApp.start({ host: "127.0.0.1" });
  return app.port;
}

void t.test("before any byte went to the local process: refused", async (t) => {
  await using scene = await Scene.create({ label: "refused" });
  const { app, client, to } = scene;
  await using steal = await scene.steal("--port", `80:${await deadPort()}`, ...filter);
  const big = "0123456789abcdef".repeat(65_536);
  const requests = {
    "without a body": get,
    "with a body": message(["POST / HTTP/1.1", match, "Content-Length: 4"], "body"),
    "with chunks and trailers": message(
      ["POST / HTTP/1.1", "x-TENANT:blue", match, "Transfer-Encoding: chunked"],
      "4;a=b\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n",
    ),
    "with a body of 1 MB, more than is kept": message(
      ["PUT / HTTP/1.1", match, `Content-Length: ${big.length}`],
      big,
    ),
    "with Expect: 100-continue": message(
      ["POST / HTTP/1.1", match, "Expect: 100-continue", "Content-Length: 4"],
      "body",
    ),
  };
  for (const [name, request] of Object.entries(requests)) {
    await t.test(`${name}: the original answers, and gets it as it was sent`, async (t) => {
      await app.forget();
      await app.setScript({
        answers: [
          { afterBytes: request.length, chunks: [answer(200, "one")] },
          { afterBytes: request.length + bystander.length, chunks: [answer(200, "two")] },
        ],
      });
      const { bytes } = await client.exchange({
        ...to,
        chunks: splitRandomly(Buffer.concat([request, bystander]), { cuts: 4, random: seededRandom(1) }),
        until: { bytes: 2 * answer(200, "one").length },
      });
      t.equal(text(bytes), text(answer(200, "one")) + text(answer(200, "two")));
      const { received } = await app.record(0, { until: "accepted" });
      t.ok(Buffer.concat([request, bystander]).equals(received), "byte for byte");
    });
  }
  const fallen = await steal.decided(({ failure }) => failure !== null, { count: 5 });
  for (const { verdict, failure, status } of fallen)
    t.match([verdict, failure, status], ["original", /^local-refused/, 200], "the trace says so");
});

void t.test(
  "before any byte went to the local process: refused, with --on-local-failure error",
  async (t) => {
    await using scene = await Scene.create({ label: "errors" });
    const { app, client, to } = scene;
    await using steal = await scene.steal(
      ...["--port", `80:${await deadPort()}`, "--on-local-failure", "error"],
      ...filter,
    );
    for (const request of [get, message(["POST / HTTP/1.1", match, "Content-Length: 4"], "body")]) {
      const { bytes, why } = await client.exchange({ ...to, chunks: [request] });
      t.match(text(bytes), /^HTTP\/1\.1 502 [^]*\r\nMagpie-Error: local-refused\r\n/);
      t.equal(why, "fin");
    }
    const head = message(["HEAD / HTTP/1.1", match]);
    const { bytes } = await client.exchange({ ...to, chunks: [head] });
    t.match(text(bytes), /^HTTP\/1\.1 502 [^]*\r\n\r\n$/, "HEAD gets no body");
    const decided = await steal.decided(({ failure }) => failure !== null, { count: 3 });
    for (const { verdict, failure, status } of decided)
      t.match([verdict, failure, status], ["stolen", /^local-refused/, 502]);
    t.ok(
      (await app.records()).every(({ received }) => received.length === 0),
      "the app saw none of it",
    );
  },
);

void t.test("a local process that fails or hangs", async (t) => {
  await using scene = await Scene.create({ label: "fails" });
  const { app, local, client, to } = scene;
  await using steal = await scene.steal(...filter);
  const begin = async (script: RawScript): Promise<RawConnection> => {
    await local.forget();
    await local.setScript(script);
    return client.open(to);
  };

  await t.test(
    "the request's body is on its way: 502 with the reason, and nobody gets it twice",
    async (t) => {
      for (const then of ["reset", "end"] as const) {
        await app.forget();
        const connection = await begin({ answers: [{ afterBytes: halfPost.length, chunks: [], then }] });
        await connection.send({ chunks: [halfPost] });
        const { bytes, why } = await connection.read({});
        t.match(text(bytes), /^HTTP\/1\.1 502 [^]*\r\nMagpie-Error: local-closed\r\n/, then);
        t.equal(why, "fin");
        t.equal((await local.records()).length, 1);
        t.ok((await app.records()).every(({ received }) => received.length === 0));
        await connection.close();
      }
    },
  );

  await t.test("the answer has begun: it is cut, and never looks whole", async (t) => {
    for (const { name, request, response } of begun) {
      for (const then of ["reset", "end"] as const) {
        // What has no length is whole when its connection ends in order.
        if (then === "end" && name === "no length") continue;
        const connection = await begin({
          answers: [{ afterBytes: request.length, chunks: [response], gapMs: 20, then }],
        });
        await connection.send({ chunks: [request] });
        const { bytes, why } = await connection.read({});
        assertCut(t, `${name}, ${then}`, { bytes: text(bytes), why });
        await connection.close();
      }
    }
  });

  await t.test("its head is no HTTP, or ends early: 502", async (t) => {
    for (const bytes of [
      "",
      "HTTP/1.1 200 OK\r\nContent-Le",
      "SSH-2.0-x\r\n",
      "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
    ]) {
      const chunks = bytes === "" ? [] : [raw(bytes)];
      const connection = await begin({ answers: [{ afterBytes: get.length, chunks, then: "end" }] });
      await connection.send({ chunks: [get] });
      const seen = await connection.read({});
      t.match(
        text(seen.bytes),
        /^HTTP\/1\.1 502 [^]*\r\nMagpie-Error: (local-closed|protocol-error)\r\n/,
        bytes,
      );
      t.equal(seen.why, "fin");
      await connection.close();
    }
  });

  await t.test("upgraded: both sides end", async (t) => {
    const connection = await begin({
      answers: [
        { afterBytes: upgrade.length, chunks: [switched] },
        { afterBytes: upgrade.length + 2, chunks: [], then: "reset" },
      ],
    });
    await connection.send({ chunks: [upgrade] });
    await readThrough(connection, "\r\n\r\n");
    await connection.send("go");
    t.equal((await connection.read({})).why, "reset");
    await connection.close();
  });

  await t.test(
    "while it hangs, its caller waits and nobody else does; then it may still answer",
    async (t) => {
      const hangs = [
        { name: "before its answer", send: get, answers: [] },
        { name: "within the request's body", send: halfPost, answers: [] },
        {
          name: "within its answer",
          send: get,
          answers: [{ afterBytes: get.length, chunks: [begun[0].response] }],
        },
      ];
      for (const { name, send, answers } of hangs) {
        const connection = await begin({ answers });
        await connection.send({ chunks: [send] });
        await local.record(0, { until: "accepted", bytes: send.length });
        if (answers.length > 0) await readThrough(connection, "only this");
        for (let round = 0; round < 3; round++) await assertBystander(t, scene, `while it hangs ${name}`);
        t.equal((await connection.read({ timeoutMs: 300 })).why, "timeout", `${name}: its caller waits`);
        await connection.send({ chunks: [], then: "reset" });
        t.equal(
          (await local.record(0, { until: "ended" })).ended,
          "reset",
          `${name}: a cancel is told at once`,
        );
        await connection.close();
      }
      const late = await begin({
        answers: [
          {
            afterBytes: get.length,
            chunks: [message(["HTTP/1.1 200 OK", "Content-Length: 4"]), raw("late")],
            gapMs: 400,
          },
        ],
      });
      await late.send({ chunks: [get] });
      t.match(await readThrough(late, "late"), /^HTTP\/1\.1 200 OK/);
      await late.close();
    },
  );

  await t.test("upgraded, and the caller is gone: the local process is told", async (t) => {
    const connection = await begin({ answers: [{ afterBytes: upgrade.length, chunks: [switched] }] });
    await connection.send({ chunks: [upgrade] });
    await readThrough(connection, "\r\n\r\n");
    await connection.send({ chunks: [], then: "reset" });
    t.equal((await local.record(0, { until: "ended" })).ended, "reset");
    await connection.close();
  });

  t.ok(steal.decisions.every(({ verdict }) => verdict !== "opaque"));
});

void t.test("the session is gone in the midst of it", async (t) => {
  await using scene = await Scene.create({ label: "gone" });
  const { app, local, client, to } = scene;
  await using steal = await scene.steal(...filter);
  // Somebody else's session holds the agent, and the trace goes on.
  await using witness = await scene.steal("--header", "^x-tenant: green$", "--trace");

  await app.setScript({ answers: [{ afterBytes: 1, chunks: [fromApp] }] });
  const answering: RawConnection[] = [];
  for (const { request, response } of begun) {
    await local.setScript({ answers: [{ afterBytes: request.length, chunks: [response] }], staysOpen: true });
    const connection = await client.open(to);
    await connection.send({ chunks: [request] });
    answering.push(connection);
  }
  const answered = await Promise.all(answering.map((connection) => readThrough(connection, "only this")));
  await local.setScript({ answers: [{ afterBytes: upgrade.length, chunks: [switched] }] });
  const chatting = await client.open(to);
  await chatting.send({ chunks: [upgrade] });
  await readThrough(chatting, "\r\n\r\n");
  await local.forget();
  await local.setScript({});
  const posting = await client.open(to);
  await posting.send({ chunks: [halfPost] });
  await local.record(0, { until: "accepted", bytes: halfPost.length });

  // From here on its client takes nothing more: what comes now is offered and never accepted.
  steal.proc.pause();
  const offeredGet = await client.open(to);
  await offeredGet.send({ chunks: [get] });
  const offeredPost = await client.open(to);
  const post = message(["POST /once HTTP/1.1", match, "Content-Length: 4"], "body");
  await offeredPost.send({ chunks: [post] });
  // When it has answered others that came later, the agent has read these.
  for (let round = 0; round < 3; round++) await assertBystander(t, scene, "while the session hangs");
  await steal.proc.kill();

  await t.test("nothing was delivered: the original answers what may be sent twice", async (t) => {
    t.equal(text((await offeredGet.read({ bytes: fromApp.length })).bytes), text(fromApp));
    const [decision] = await witness.decided(
      ({ failure, verdict }) => failure !== null && verdict === "original",
    );
    t.match(decision, { failure: /^session-closed/, status: 200, method: "GET" });
  });
  await t.test("nothing is known of it, and it may not be sent twice: 502", async (t) => {
    const { bytes, why } = await offeredPost.read({});
    t.match(text(bytes), /^HTTP\/1\.1 502 [^]*\r\nMagpie-Error: session-closed\r\n/);
    t.equal(why, "fin");
  });
  await t.test("the request's body was on its way: 502 with the reason", async (t) => {
    const { bytes, why } = await posting.read({});
    t.match(text(bytes), /^HTTP\/1\.1 502 [^]*\r\nMagpie-Error: session-closed\r\n/);
    t.equal(why, "fin");
  });
  await t.test("the answer had begun: it is cut, and never looks whole", async (t) => {
    for (const [index, { name }] of begun.entries()) {
      const rest = await answering[index]?.read({});
      assertCut(t, name, {
        bytes: `${answered[index]}${text(rest?.bytes ?? raw(""))}`,
        why: rest?.why ?? "",
      });
    }
  });
  await t.test("upgraded: both sides end", async (t) => {
    t.equal((await chatting.read({})).why, "reset");
  });
  await t.test(
    "no byte of what was stolen reached the app but the one request that it answered",
    async (t) => {
      const seen = (await app.records()).map(({ received }) => text(received));
      t.same(
        seen.filter((bytes) => bytes.includes(match)),
        [text(get)],
      );
    },
  );
  await t.test("and the app answers from then on", async (t) => {
    const until = { bytes: fromApp.length };
    const { bytes } = await client.exchange({ ...to, chunks: [get], until });
    t.equal(text(bytes), text(fromApp));
  });
});
