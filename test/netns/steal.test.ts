import t from "tap";
import { seededRandom, splitRandomly } from "../fixtures/byte-splits.ts";
import { HttpApp, type HttpAppAnswer } from "../fixtures/http-app.ts";
import { readRequest, readResponses } from "../fixtures/http-message.ts";
import { MagpieSteal } from "../fixtures/magpie-steal.ts";
import { nowMs } from "../fixtures/load.ts";
import type { RawApp } from "../fixtures/raw-app.ts";
import { Scene } from "../fixtures/scene.ts";
import { until } from "../fixtures/until.ts";
import { answer, message, raw } from "../fixtures/wire-messages.ts";

const match = "x-tenant: blue";
const filter = ["--header", "^x-tenant: blue$", "--trace"];
const stolenGet = message(["GET /mine HTTP/1.1", match]);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

void t.test("a stolen request", async (t) => {
  await using scene = await Scene.create({ label: "steal" });
  await using steal = await scene.steal(...filter);
  const { app, local, client, to } = scene;
  const begin = async (script: Parameters<RawApp["setScript"]>[0]) => {
    await local.forget();
    await local.setScript(script);
    return client.open(to);
  };

  await t.test("reaches the local process as it was sent, however it was cut", async (t) => {
    const request = message(
      [
        "PUT /a%20b?c=\x80 HTTP/1.1",
        "cOOKie:a=b",
        match,
        "HOST:\t pod \t",
        "X-Empty:",
        "Cookie:  c ",
        "content-LENGTH: 4",
      ],
      "\0\r\n\xff",
    );
    const random = seededRandom(5);
    for (let round = 0; round < 10; round++) {
      const connection = await begin({ answers: [{ afterBytes: request.length, chunks: [answer(200)] }] });
      await connection.send({ chunks: splitRandomly(request, { cuts: round * 3, random }) });
      t.equal(text((await connection.read({ bytes: answer(200).length })).bytes), text(answer(200)));
      t.equal(text((await local.record(0, { until: "accepted" })).received), text(request));
      await connection.close();
    }
    t.equal(
      (await app.records()).reduce((sum, { received }) => sum + received.length, 0),
      0,
    );
  });

  await t.test(
    "has its body streamed: the local process reads the first half before the second is sent",
    async (t) => {
      const head = message(["POST / HTTP/1.1", match, "Content-Length: 8"]);
      const connection = await begin({ answers: [{ afterBytes: head.length + 8, chunks: [answer(200)] }] });
      await connection.send({ chunks: [head, raw("half")] });
      const half = await local.record(0, { until: "accepted", bytes: head.length + 4 });
      t.equal(text(half.received), `${text(head)}half`);
      await connection.send("rest");
      t.equal(text((await connection.read({ bytes: answer(200).length })).bytes), text(answer(200)));
      t.equal(text((await local.record(0, { until: "accepted" })).received), `${text(head)}halfrest`);
      await connection.close();
    },
  );

  await t.test("keeps its chunks' content and its trailers", async (t) => {
    const lines = ["POST / HTTP/1.1", match, "Trailer: x-sum", "Transfer-Encoding: chunked"];
    const request = message(
      lines,
      "5;a=b\r\nhello\r\n00A\r\n0123456789\r\n0;end\r\nX-Sum: 1\r\nx-sum:2\r\n\r\n",
    );
    const connection = await begin({ answers: [{ afterBytes: 1, chunks: [answer(200)] }] });
    await connection.send({ chunks: [request] });
    let seen = readRequest(request);
    await until(
      async () =>
        (seen = readRequest((await local.record(0, { until: "accepted", bytes: 1 })).received)).isWhole,
      {
        what: "the whole request",
      },
    );
    const { lines: seenLines, body, trailers, isWhole } = seen;
    t.same([seenLines, body, trailers, isWhole], [lines, "hello0123456789", ["X-Sum: 1", "x-sum:2"], true]);
    t.equal(text((await connection.read({ bytes: answer(200).length })).bytes), text(answer(200)));
    await connection.close();
  });

  await t.test("is cancelled at once when its client is gone, whatever it is waiting for", async (t) => {
    const halfBody = message(["POST / HTTP/1.1", match, "Content-Length: 100"], "half");
    const whole = { request: stolenGet, answers: [] };
    const answering = {
      request: stolenGet,
      answers: [
        { afterBytes: stolenGet.length, chunks: [message(["HTTP/1.1 200 OK", "Content-Length: 9"], "half")] },
      ],
    };
    const ways = [
      { name: "FIN within its body", ...{ request: halfBody, answers: [] }, then: "end" },
      { name: "RST within its body", ...{ request: halfBody, answers: [] }, then: "reset" },
      { name: "RST before its answer", ...whole, then: "reset" },
      { name: "RST within its answer", ...answering, then: "reset" },
    ] as const;
    for (const { name, request, answers, then } of ways) {
      const connection = await begin({ answers, staysOpen: true });
      await connection.send({ chunks: [request] });
      await local.record(0, { until: "accepted", bytes: request.length });
      if (answers.length > 0) await connection.read({ bytes: 1 });
      const goneMs = nowMs();
      await connection.send({ chunks: [], then });
      t.equal((await local.record(0, { until: "ended" })).ended, "reset", name);
      t.ok(nowMs() - goneMs < 1_000, `${name}: ${nowMs() - goneMs} ms`);
      await connection.close();
    }
  });

  await t.test("is answered though its client has ended its half behind it", async (t) => {
    const response = answer(200, "x".repeat(50_000));
    const connection = await begin({
      answers: [{ afterBytes: stolenGet.length, chunks: [response], gapMs: 20 }],
    });
    await connection.send({ chunks: [stolenGet], then: "end" });
    const { bytes, why } = await connection.read({});
    t.same([bytes.length, why], [response.length, "fin"]);
    await connection.close();
  });

  await t.test("gets its answer with every field in its order and case", async (t) => {
    const response = message(
      ["HTTP/1.1 299 Tr\xe8s bien", "set-cookie: a", "SET-Cookie: b", "x: ", "Content-Length: 2"],
      "ok",
    );
    const connection = await begin({ answers: [{ afterBytes: stolenGet.length, chunks: [response] }] });
    await connection.send({ chunks: [stolenGet] });
    t.equal(text((await connection.read({ bytes: response.length })).bytes), text(response));
    await connection.close();
  });

  const methodOf = (request: Buffer) => /^\S+/.exec(text(request))?.[0] ?? "";
  const asked = async (request: Buffer, response: Buffer, ends = false) => {
    const answers = [
      { afterBytes: request.length, chunks: [response], then: ends ? "end" : "keep" } as const,
    ];
    // Behind the request comes one for the app: its answer shows where the stolen one ends.
    const follow = message(["GET /theirs HTTP/1.1", "Connection: close"]);
    const followed = message(["HTTP/1.1 200 Theirs", "Connection: close", "Content-Length: 0"]);
    await app.setScript({ answers: [{ afterBytes: follow.length, chunks: [followed], then: "end" }] });
    const connection = await begin({ answers });
    await connection.send({ chunks: [request, follow] });
    const { bytes, why } = await connection.read({});
    await connection.close();
    t.equal(why, "fin");
    const responses = readResponses(bytes, [methodOf(request), "GET"]);
    t.equal(responses.pop()?.lines[0], "HTTP/1.1 200 Theirs", "the connection lives on");
    return responses;
  };

  await t.test("gets a chunked answer with its trailers", async (t) => {
    const chunked = message(
      ["HTTP/1.1 200 OK", "X-A: b", "Transfer-Encoding: chunked"],
      "2;e\r\nok\r\n00\r\nX-Sum: 1\r\n\r\n",
    );
    const [response] = await asked(stolenGet, chunked);
    t.same([response?.body, response?.trailers, response?.isWhole], ["ok", ["X-Sum: 1"], true]);
    t.ok(response?.lines.includes("X-A: b"));
  });

  await t.test(
    "gets an answer that lasts until its connection ends, and the caller's lives on",
    async (t) => {
      const [response] = await asked(stolenGet, message(["HTTP/1.1 200 OK", "X-A: b"], "all of it"), true);
      t.same([response?.body, response?.isWhole], ["all of it", true]);
    },
  );

  await t.test("gets answers without a body as they are: HEAD, 204, 304", async (t) => {
    const head = message(["HEAD / HTTP/1.1", match]);
    const [ofHead] = await asked(head, message(["HTTP/1.1 200 OK", "Content-Length: 5000"]));
    t.same([ofHead?.lines, ofHead?.body], [["HTTP/1.1 200 OK", "Content-Length: 5000"], ""]);
    const [none] = await asked(stolenGet, message(["HTTP/1.1 204 No Content", "X: y"]));
    t.same(none?.lines, ["HTTP/1.1 204 No Content", "X: y"]);
    const [same] = await asked(stolenGet, message(["HTTP/1.1 304 Not Modified", "Content-Length: 7"]));
    t.same(same?.lines, ["HTTP/1.1 304 Not Modified", "Content-Length: 7"]);
  });

  await t.test("gets interim answers before the final one", async (t) => {
    const early = message(["HTTP/1.1 103 Early Hints", "Link: </a>"]);
    const responses = await asked(stolenGet, Buffer.concat([early, answer(200)]));
    t.same(
      responses.map(({ lines }) => lines),
      [
        ["HTTP/1.1 103 Early Hints", "Link: </a>"],
        ["HTTP/1.1 200 Fine", "Content-Length: 2"],
      ],
    );
  });

  await t.test("with Expect: 100-continue is asked for its body by the local process alone", async (t) => {
    const head = message(["POST / HTTP/1.1", match, "Expect: 100-continue", "Content-Length: 4"]);
    const goOn = message(["HTTP/1.1 100 Continue"]);
    const connection = await begin({
      answers: [
        { afterBytes: head.length, chunks: [goOn] },
        { afterBytes: head.length + 4, chunks: [answer(201)] },
      ],
    });
    await connection.send({ chunks: [head] });
    t.equal(text((await connection.read({ bytes: goOn.length })).bytes), text(goOn));
    await connection.send("body");
    t.equal(text((await connection.read({ bytes: answer(201).length })).bytes), text(answer(201)));
    await connection.close();
  });

  await t.test("of HTTP/1.0 is answered without chunks, until the connection ends", async (t) => {
    const chunked = message(["HTTP/1.1 200 OK", "Transfer-Encoding: chunked"], "2\r\nok\r\n0\r\n\r\n");
    const request = message(["GET / HTTP/1.0", match]);
    const connection = await begin({ answers: [{ afterBytes: request.length, chunks: [chunked] }] });
    await connection.send({ chunks: [request] });
    const { bytes, why } = await connection.read({});
    t.equal(why, "fin");
    t.match(text(bytes), /^HTTP\/1\.1 200 OK\r\n(?!.*chunked).*\r\n\r\nok$/is);
    await connection.close();
  });

  await t.test("may change protocols: raw bytes both ways, and each end closes for itself", async (t) => {
    const request = message(["GET /chat HTTP/1.1", match, "Connection: Upgrade", "Upgrade: echo"]);
    const switched = message(["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: echo"]);
    const connection = await begin({
      answers: [
        { afterBytes: request.length, chunks: [Buffer.concat([switched, raw("\0first")])] },
        { afterBytes: request.length + 9, chunks: [raw("second")] },
      ],
    });
    await connection.send({ chunks: [request, raw("early")] });
    const first = await connection.read({ bytes: switched.length + 6 });
    t.match(text(first.bytes), /^HTTP\/1\.1 101 [^]*Upgrade: echo\r\n[^]*\r\n\0first$/i);
    await connection.send("\xff\0\r\n");
    t.equal(text((await connection.read({ bytes: 6 })).bytes), "second");
    await connection.send({ chunks: [], then: "end" });
    const record = await local.record(0);
    t.equal(text(record.received), `${text(request)}early\xff\0\r\n`);
    t.same([record.ended, (await connection.read({})).why], ["fin", "fin"]);
    await connection.close();
  });

  await t.test("with a malformed chunk is refused, and the local process is told", async (t) => {
    const request = message(["POST / HTTP/1.1", match, "Transfer-Encoding: chunked"], "2\r\nok\r\n");
    const connection = await begin({});
    await connection.send({ chunks: [request] });
    await local.record(0, { until: "accepted", bytes: request.length });
    await connection.send("xyz\r\n");
    const { bytes, why } = await connection.read({});
    t.equal(why, "fin");
    t.match(text(bytes), /^HTTP\/1\.1 400 [^]*\r\nMagpie-Error: malformed-chunk\r\n/);
    t.equal((await local.record(0, { until: "ended" })).ended, "reset");
    await connection.close();
  });

  t.ok(steal.decisions.every(({ verdict }) => verdict !== "opaque"));
});

/** What two ordinary servers answered on one connection: who and to which target. */
function answers(bytes: Uint8Array, methods: readonly string[]): string[] {
  return readResponses(bytes, methods).map(({ body }) => {
    const { who, target } = JSON.parse(body) as HttpAppAnswer; // The fixture's own answer.
    return `${who} ${target}`;
  });
}

void t.test(
  "on one connection, requests go where each belongs, and answers come back in order",
  async (t) => {
    await using scene = await Scene.create({ label: "mixed" });
    const { made, client, host } = scene;
    await using app = await HttpApp.start({ name: "app", namespace: made.pod, port: 8080 });
    await using local = await HttpApp.start({ name: "local", host: "127.0.0.1" });
    await using steal = await scene.steal("--port", `8080:${local.port}`, ...filter);
    const request = (target: string, who: "app" | "local", body = "") =>
      message(
        [
          `POST ${target} HTTP/1.1`,
          "Host: pod",
          ...(who === "local" ? [match] : []),
          `Content-Length: ${body.length}`,
        ],
        body,
      );
    // The slow one is now here, now there: an answer that did not wait for its turn would be seen.
    const plan = (["app", "local", "local", "app", "app", "local", "app", "local"] as const).map(
      (who, index) => ({
        who,
        target: index % 3 === 0 ? `/slow/60?${index}` : `/quick?${index}`,
      }),
    );
    const wanted = plan.map(({ who, target }) => `${who} ${target}`);
    const methods = plan.map(() => "POST");

    await t.test("one after the other", async (t) => {
      const connection = await client.open({ host, port: app.port });
      const seen: string[] = [];
      for (const { who, target } of plan) {
        await connection.send({ chunks: [request(target, who, "body")] });
        let bytes = Buffer.alloc(0);
        while (!text(bytes).endsWith("}\n")) {
          const more = await connection.read({ bytes: 1 });
          if (more.why !== "bytes") throw new Error(`${more.why} after ${text(bytes)}`);
          bytes = Buffer.concat([bytes, more.bytes]);
          if (text(bytes).endsWith("0\r\n\r\n")) break;
        }
        seen.push(...answers(bytes, ["POST"]));
      }
      t.same(seen, wanted);
      await connection.close();
    });

    await t.test("pipelined, in one piece and cut at random", async (t) => {
      const random = seededRandom(11);
      for (let round = 0; round < 6; round++) {
        const last = message(["GET /last HTTP/1.1", "Host: pod", "Connection: close"]);
        const all = Buffer.concat([...plan.map(({ target, who }) => request(target, who, "body")), last]);
        const chunks = splitRandomly(all, { cuts: round * 4, random });
        const { bytes, why } = await client.exchange({ host, port: app.port, chunks });
        t.equal(why, "fin");
        t.same(answers(bytes, [...methods, "GET"]), [...wanted, "app /last"]);
      }
    });

    t.ok(steal.decisions.length >= 7 * plan.length);
  },
);

void t.test("an unfiltered steal takes the whole port", async (t) => {
  await using scene = await Scene.create({ label: "whole" });
  const { app, local, client, to } = scene;
  await using steal = await scene.steal("--name", "the first one", "--trace");

  await t.test("HTTP", async (t) => {
    const request = message(["GET / HTTP/1.1", "Host: pod"]);
    await local.setScript({ answers: [{ afterBytes: request.length, chunks: [answer(200)] }] });
    const { bytes } = await client.exchange({
      ...to,
      chunks: [request],
      until: { bytes: answer(200).length },
    });
    t.equal(text(bytes), text(answer(200)));
  });

  await t.test(
    "a protocol whose client speaks first, byte for byte, each end closing for itself",
    async (t) => {
      const all = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7) % 256));
      await local.forget();
      await local.setScript({ echo: true });
      const { bytes, why } = await client.exchange({
        ...to,
        chunks: splitRandomly(all, { cuts: 20, random: seededRandom(3) }),
        then: "end",
      });
      t.ok(all.equals(bytes));
      t.equal(why, "fin");
      const record = await local.record(0);
      t.same([record.ended, all.equals(record.received)], ["fin", true]);
    },
  );

  await t.test("a protocol whose server speaks first", async (t) => {
    await local.forget();
    await local.setScript({
      greeting: raw("220 hello\r\n"),
      answers: [{ afterBytes: 6, chunks: [raw("221 bye\r\n")], then: "end" }],
    });
    const connection = await client.open(to);
    t.equal(text((await connection.read({ bytes: 11 })).bytes), "220 hello\r\n");
    await connection.send("QUIT\r\n");
    t.same([text((await connection.read({})).bytes)], ["221 bye\r\n"]);
    await connection.close();
  });

  await t.test(
    "a message that can be read in two ways never reaches the app either way by a guess",
    async (t) => {
      await local.forget();
      await app.forget();
      await app.setScript({ answers: [{ afterBytes: 1, chunks: [raw("app")], then: "end" }] });
      const request = raw("GET / HTTP/1.1\r\nHost : pod\r\n\r\n");
      const { bytes } = await client.exchange({ ...to, chunks: [request] });
      t.equal(text(bytes), "app", "opaque: the original has it");
      t.equal(text((await app.record(0)).received), text(request));
      t.equal((await local.records()).length, 0);
    },
  );

  await t.test("a second one is refused with the name of the first", async (t) => {
    await using second = await MagpieSteal.begin({
      pod: scene.made.pod,
      runtimeDirectory: scene.runtimeDirectory,
      args: ["--port", `80:${local.port}`],
    });
    t.match(await second.event("ended"), { code: "subscribe-refused", message: /held .*the first one/ });
    t.not((await second.proc.exited).code, 0);
    t.ok(steal.proc.running);
  });
});

void t.test("several ports, sessions and filters share one pod", async (t) => {
  await using scene = await Scene.create({ label: "shared" });
  const { made, client, host } = scene;
  await using appA = await HttpApp.start({ name: "app-a", namespace: made.pod, port: 8001 });
  await using appB = await HttpApp.start({ name: "app-b", namespace: made.pod, port: 8002 });
  await using one = await HttpApp.start({ name: "one", host: "127.0.0.1" });
  await using two = await HttpApp.start({ name: "two", host: "127.0.0.1" });
  const who = async (port: number, ...lines: readonly string[]): Promise<string> => {
    const request = message(["GET / HTTP/1.1", "Host: pod", "Connection: close", ...lines]);
    const { bytes } = await client.exchange({ host, port, chunks: [request] });
    return answers(bytes, ["GET"])[0]?.split(" ")[0] ?? "nobody";
  };
  const ports = ["--port", `${appA.port}:${one.port}`, "--port", `${appB.port}:${two.port}`];
  await using first = await scene.steal(...ports, "--header", "^x-tenant: blue$");

  t.equal(await who(8001, match), "one", "each port has its own place");
  t.equal(await who(8002, match), "two");
  t.equal(await who(8001), "app-a", "and its own app");
  t.equal(await who(8002), "app-b");

  await using second = await scene.steal("--port", `8001:${two.port}`, "--header", "^x-tenant: green$");
  t.equal(second.agentPid, first.agentPid, "one agent serves both");
  t.equal(await who(8001, match), "one");
  t.equal(await who(8001, "x-tenant: green"), "two");
  t.equal(await who(8001, "x-tenant: red"), "app-a");

  await using third = await MagpieSteal.begin({
    pod: made.pod,
    runtimeDirectory: scene.runtimeDirectory,
    args: ["--port", `8001:${two.port}`, "--header", "^x-tenant: green$"],
  });
  t.match(await third.event("ended"), { code: "subscribe-refused" }, "the same filter twice");

  await second.end();
  t.equal(await who(8001, "x-tenant: green"), "app-a", "what one session leaves is the app's again");
  t.equal(await who(8001, match), "one", "and the other goes on");
});
