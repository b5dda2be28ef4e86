import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { promisify } from "node:util";
import t from "tap";
import { serverNameFor } from "../../../src/client/incoming/local-tls.ts";
import { FakeAgent } from "./fake-agent.ts";
import { LocalApp } from "./local-app.ts";

const run = promisify(execFile);
const directory = await mkdtemp(join(tmpdir(), "magpie-tls-"));
t.teardown(() => rm(directory, { recursive: true }));
const files = { key: join(directory, "key.pem"), cert: join(directory, "cert.pem") };
await run("openssl", [
  ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
  ...["-keyout", files.key, "-out", files.cert, "-subj", "/CN=shop.example"],
  ...["-addext", "subjectAltName=DNS:shop.example"],
]);
const pair = { key: await readFile(files.key, "latin1"), cert: await readFile(files.cert, "latin1") };

interface Seen {
  readonly version: string;
  readonly serverName: string | undefined;
}

/** Starts a server that answers with a letter, and notes what it saw. */
async function start(
  t: { teardown(act: () => void): void },
  about: { protocols: "both" | "h2" | "http1" },
): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = [];
  const listener = (
    request: { httpVersion: string; socket: object },
    response: { end(text: string): void },
  ): void => {
    const serverName: unknown = Reflect.get(request.socket, "servername");
    seen.push({
      version: request.httpVersion,
      serverName: typeof serverName === "string" ? serverName : undefined,
    });
    response.end("x");
  };
  const server: Server =
    about.protocols === "http1"
      ? createServer(pair, listener)
      : createSecureServer({ ...pair, allowHTTP1: about.protocols === "both" }, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, seen }; // A TCP server's address is no string.
}

const anyCertificate = { tls: { ca: null } };
const get = "GET / HTTP/1.1\r\nHost: shop.example:8443\r\nConnection: close\r\n\r\n";

for (const [protocols, forHttp2, forHttp1] of [
  ["both", "2.0", "1.1"],
  ["h2", "2.0", "2.0"],
  ["http1", "1.1", "1.1"],
] as const) {
  void t.test(`a program whose TLS offers ${protocols} is spoken to in what both know`, async (t) => {
    const app = await start(t, { protocols });
    await using agent = new FakeAgent({ port: app.port, speech: anyCertificate });
    const second = await agent.request2({ authority: "shop.example:8443" }).over();
    t.equal(second.text, "x");
    const first = await agent.request(get).over();
    t.equal(first.text, "x");
    t.same(
      app.seen.map(({ version }) => version),
      [forHttp2, forHttp1],
    );
    t.ok(app.seen.every(({ serverName }) => serverName === "shop.example" || serverName === undefined));
  });
}

void t.test("the program is asked for the name that the caller asked for", async (t) => {
  const app = await start(t, { protocols: "http1" });
  await using agent = new FakeAgent({ port: app.port, speech: anyCertificate });
  const exchange = agent.steal(get, { tls: { serverName: "sni.example" } });
  await exchange.over();
  t.equal(app.seen[0]?.serverName, "sni.example");
});

void t.test("a name is the caller's, else the host's, else localhost, and never an address", (t) => {
  t.equal(serverNameFor({ asked: "a.b", authority: "c.d" }), "a.b");
  t.equal(serverNameFor({ asked: null, authority: "c.d:80" }), "c.d");
  t.equal(serverNameFor({ asked: null, authority: "10.0.0.1:80" }), "localhost");
  t.equal(serverNameFor({ asked: null, authority: "[::1]:80" }), "localhost");
  t.equal(serverNameFor({ asked: null, authority: "" }), "localhost");
  t.end();
});

void t.test("with an authority, only a certificate of it and of the name will do", async (t) => {
  const app = await start(t, { protocols: "both" });
  await using agent = new FakeAgent({ port: app.port, speech: { tls: { ca: pair.cert } } });
  t.equal((await agent.request2().over()).text, "x");
  const misnamed = await agent.request2({ authority: "other.example", connection: 2 }).over();
  t.match(misnamed.events.at(-1), /^reset local-refused: Hostname\/IP does not match/);
  const misnamed1 = await agent.request("GET / HTTP/1.1\r\nHost: other.example\r\n\r\n").over();
  t.match(misnamed1.events.at(-1), /^reset local-refused/);
  t.equal(app.seen.length, 1);
});

void t.test("a program that speaks clear text is refused, and has got nothing of the request", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: anyCertificate });
  const exchange = agent.request2();
  const peer = await app.next();
  await peer.until(({ bytes }) => bytes > 0);
  peer.socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  await exchange.over();
  t.match(exchange.events.at(-1), /^reset local-refused/);
  t.equal(exchange.events.length, 1);
});

void t.test("a cancelled request is a reset for a program in TLS, too", async (t) => {
  const app = await start(t, { protocols: "http1" });
  await using agent = new FakeAgent({ port: app.port, speech: anyCertificate });
  const exchange = agent.steal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
  await exchange.until(({ events }) => events.includes("accepted"));
  exchange.stream?.reset("cancelled");
  await agent.incoming.settled({ signal: AbortSignal.timeout(5_000) });
  t.equal(agent.incoming.count, 0);
});

void t.test("a request that is cancelled within the handshake leaves no connection behind", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port, speech: anyCertificate });
  for (const exchange of [agent.request2(), agent.request(get)]) {
    const peer = await app.next();
    await peer.until(({ bytes }) => bytes > 0);
    exchange.stream?.reset("cancelled");
    await peer.until(({ ended }) => ended !== "open");
  }
  t.equal(agent.incoming.count, 0);
});
