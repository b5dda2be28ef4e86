import { once } from "node:events";
import { mock } from "node:test";
import {
  connect,
  type ConnectionOptions,
  createSecureContext,
  type TLSSocket,
  TLSSocket as Tls,
} from "node:tls";
import { PassThrough, type Duplex } from "node:stream";
import t from "tap";
import { TlsTerms } from "../../../src/agent/tls/index.ts";
import { readClientHello } from "../../../src/http/index.ts";
import { Certificates } from "../../fixtures/certificates.ts";
import { InboundStage, type RawEnd } from "./inbound-stage.ts";

const MINE = 'header("x: 1")';
const certificates = await Certificates.create();
t.teardown(() => certificates[Symbol.asyncDispose]());
const own = await certificates.issue("shop.example");
const other = await certificates.issue("other.example");

const termsOf = (pair: { cert: string; key: string }) =>
  TlsTerms.of(
    {
      shown: { certificate: { pem: pair.cert }, key: { pem: pair.key } },
      verify: "pin",
      ca: null,
      serverName: null,
      callers: null,
      toApp: null,
    },
    "/",
  );
const terms = await termsOf(own);

/** A ClientHello of Node, as bytes. */
async function helloOf(options: ConnectionOptions = {}): Promise<Buffer> {
  const socket = new PassThrough() as Duplex;
  const sent: Buffer[] = [];
  const wire = Object.assign(socket, {});
  wire.write = ((bytes: Buffer, ...rest: unknown[]) => {
    sent.push(bytes);
    const done = rest.findLast((argument) => typeof argument === "function");
    if (typeof done === "function") Reflect.apply(done, undefined, []);
    return true;
  }) as Duplex["write"]; // All that TLS asks of a stream here.
  const client = connect({ socket: wire, servername: "shop.example", ...options });
  client.on("error", () => undefined);
  while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
  client.destroy();
  return Buffer.concat(sent);
}

/** TLS of a client over its connection to the agent. */
function tlsOf(client: RawEnd, options: ConnectionOptions = {}): TLSSocket {
  const { cert: ca } = certificates.ca;
  return connect({ socket: client.socket, servername: "shop.example", ca, ...options });
}

/** TLS of the app; to be called before a byte came. */
function appTls(app: RawEnd, pair = own): Tls {
  return new Tls(app.socket, { isServer: true, secureContext: createSecureContext(pair) });
}

async function textOf(socket: Tls, bytes: number): Promise<string> {
  let text = "";
  while (text.length < bytes) text += String((await once(socket, "data"))[0]);
  return text;
}

const latin1 = (bytes: Buffer) => bytes.toString("latin1");

void t.test(
  "what is inside and is not HTTP passes to the app, over TLS again; halves end one by one",
  async (t) => {
    await using stage = await InboundStage.start();
    stage.subscribe(MINE, { tls: terms });
    const raw = await stage.connect();
    const app = appTls(await stage.app());
    const client = tlsOf(raw);
    await once(client, "secureConnect");
    client.write("EHLO me\r\n");
    t.equal(await textOf(app, 9), "EHLO me\r\n");
    client.end("QUIT\r\n");
    t.equal(await textOf(app, 6), "QUIT\r\n");
    await once(app, "end");
    app.end("bye");
    t.equal(await textOf(client, 3), "bye");
    await stage.closed(1);
    t.match(stage.records, [{ verdict: "opaque", reason: "not-http; over TLS to shop.example, no alpn" }]);
  },
);

void t.test(
  "the first subscription with a certificate provides it for every filter of the port",
  async (t) => {
    await using stage = await InboundStage.start();
    stage.subscribe('header("y: 1")');
    stage.subscribe(MINE, { tls: terms });
    stage.subscribe('header("z: 1")', { tls: await termsOf(other) });
    const raw = await stage.connect();
    const app = appTls(await stage.app());
    const client = tlsOf(raw, { ALPNProtocols: ["http/1.1"] });
    await once(client, "secureConnect");
    t.equal(client.getPeerCertificate().subject.CN, "shop.example");
    client.write("GET / HTTP/1.1\r\nHost: a\r\ny: 1\r\n\r\n");
    const offered = await stage.session.next();
    t.same(offered.meta.tls, { serverName: "shop.example" });
    t.ok(app);
  },
);

void t.test("a mirror with a certificate gets what is inside, both ways", async (t) => {
  await using stage = await InboundStage.start();
  const { session } = stage.mirror("everything", { answers: true, tls: terms });
  const raw = await stage.connect();
  const app = appTls(await stage.app());
  const client = tlsOf(raw, { ALPNProtocols: ["http/1.1"] });
  await once(client, "secureConnect");
  const request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
  client.write(request);
  t.equal(await textOf(app, request.length), request);
  const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  app.write(answer);
  t.equal(await textOf(client, answer.length), answer);
  const copy = await session.next();
  t.same(copy.meta.tls, { serverName: "shop.example" });
  t.equal(copy.head + copy.text, request);
  const answered = await session.next();
  t.equal(answered.head + answered.text, answer);
  client.destroy();
});

void t.test("an app that answers in clear text has the connection unread, byte for byte", async (t) => {
  await using stage = await InboundStage.start();
  stage.subscribe(MINE, { tls: terms });
  const hello = await helloOf();
  const client = await stage.connect();
  client.send(hello).send("and more");
  const first = await stage.app();
  await first.until(({ bytes }) => bytes > 0);
  first.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  const second = await stage.app();
  await second.until(({ bytes }) => bytes >= hello.length + 8);
  t.equal(second.text, `${latin1(hello)}and more`);
  second.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  await client.got("400 Bad Request\r\n\r\n");
  t.match(stage.notices, [
    /^tls-unread: port \d+: tls: shop\.example passes unread: the handshake with the app failed/,
  ]);
});

void t.test(
  "a client of TLS 1.1, or with an address for a name, passes unread on the first connection",
  async (t) => {
    const old = await helloOf();
    const extension = old.indexOf(Buffer.from("002b", "hex"), 60); // supported_versions
    old.writeUInt16BE(0xfafa, extension);
    old.writeUInt16BE(0x0302, 9);
    const ip = Buffer.from(latin1(await helloOf()).replace("shop.example", "10.123.123.1"), "latin1");
    for (const [hello, expected] of [
      [old, /its caller speaks nothing newer than TLS 1\.1$/],
      [ip, /its server name is not the name of a host$/],
    ] as const) {
      t.type(readClientHello(hello, 0, hello.length), "object");
      await using stage = await InboundStage.start();
      stage.subscribe(MINE, { tls: terms });
      const client = await stage.connect();
      const app = await stage.app();
      client.send(hello);
      await app.until(({ bytes }) => bytes >= hello.length);
      t.equal(app.text, latin1(hello));
      app.socket.end();
      client.socket.destroy();
      await stage.closed(1);
      t.match(stage.records[0]?.reason, expected);
    }
  },
);

void t.test("more handshakes than there are places pass unread; a place is given back", async (t) => {
  const few = await termsOf(own);
  const places: (() => void)[] = [];
  for (let place = few.takePlace(); place !== undefined; place = few.takePlace()) places.push(place);
  await using stage = await InboundStage.start();
  stage.subscribe(MINE, { tls: few });
  const hello = await helloOf();
  const client = await stage.connect();
  const app = await stage.app();
  client.send(hello);
  await app.until(({ bytes }) => bytes >= hello.length);
  t.equal(app.text, latin1(hello));
  places[0]?.();
  places[0]?.();
  const raw = await stage.connect();
  const tlsApp = appTls(await stage.app());
  const second = tlsOf(raw);
  await once(second, "secureConnect");
  second.write("EHLO\r\n");
  t.equal(await textOf(tlsApp, 6), "EHLO\r\n");
  t.type(few.takePlace(), "function", "and given back once");
  t.equal(few.takePlace(), undefined);
});

void t.test("time is bounded", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.teardown(() => mock.timers.reset());

  await t.test("an app that does not answer in 10 s has the connection unread", async (t) => {
    await using stage = await InboundStage.start();
    stage.subscribe(MINE, { tls: terms });
    const hello = await helloOf();
    const client = await stage.connect();
    client.send(hello);
    const first = await stage.app();
    await first.until(({ bytes }) => bytes > 0);
    mock.timers.tick(9_999);
    t.equal(stage.untakenAppConnections, 0);
    mock.timers.tick(1);
    const second = await stage.app();
    await second.until(({ bytes }) => bytes >= hello.length);
    t.equal(second.text, latin1(hello));
    await first.over("fin");
  });

  await t.test("a caller that does not end its handshake in 10 s is closed", async (t) => {
    await using stage = await InboundStage.start();
    stage.dialer.mode = "refuse";
    stage.subscribe(MINE, { tls: terms });
    const client = await stage.connect();
    client.send(await helloOf());
    await client.until(({ bytes }) => bytes > 0);
    mock.timers.tick(10_000);
    await client.until(({ ended }) => ended !== "open");
    client.socket.destroy();
    await stage.closed(1);
    t.match(stage.records, [
      { verdict: "opaque", reason: /the handshake with the caller failed: it took longer/ },
    ]);
  });

  await t.test(
    "half a ClientHello is held for 2 s where nobody could read on, and 10 s otherwise",
    async (t) => {
      for (const [tls, ms] of [
        [undefined, 2_000],
        [terms, 10_000],
      ] as const) {
        await using stage = await InboundStage.start();
        stage.subscribe(MINE, { tls });
        const client = await stage.connect();
        const app = await stage.app();
        const half = (await helloOf()).subarray(0, 100);
        client.send(half.subarray(0, 50));
        await until(() => stage.connections[0]?.isIdle === false);
        mock.timers.tick(ms - 1);
        client.send(half.subarray(50));
        await new Promise((resolve) => setImmediate(resolve));
        t.equal(app.bytes, 0);
        mock.timers.tick(1);
        await app.until(({ bytes }) => bytes >= 50);
        t.equal(app.text.slice(0, 50), latin1(half.subarray(0, 50)));
      }
    },
  );
});

void t.test("a caller that sends garbage behind its ClientHello is closed, and nobody else", async (t) => {
  await using stage = await InboundStage.start();
  stage.dialer.mode = "refuse";
  stage.subscribe(MINE, { tls: terms });
  const client = await stage.connect();
  client.send(await helloOf()).send(Buffer.alloc(500, "garbage"));
  await client.until(({ ended }) => ended !== "open");
  client.socket.destroy();
  await stage.closed(1);
  t.match(stage.records, [{ reason: /the handshake with the caller failed/ }]);
  const second = tlsOf(await stage.connect());
  await once(second, "secureConnect");
  second.destroy();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
