import { once } from "node:events";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import t, { type Test } from "tap";
import { formatPlace } from "../../../src/client/compare/index.ts";
import { decodeClientOpening } from "../../../src/protocol/index.ts";
import type { StreamEvents, TunnelStream } from "../../../src/tunnel/index.ts";
import { Certificates } from "../../fixtures/certificates.ts";
import { http2Head } from "../incoming/fake-agent.ts";
import { LocalHttp2App } from "../incoming/local-http2-app.ts";
import { freePort } from "../incoming/local-app.ts";
import { Mirrored, serve } from "./mirrored.ts";

/** What an agent does for `ask-original`: a pipe to the app's port. */
function pipeTo(port: () => number) {
  return (stream: TunnelStream, opening: Buffer): StreamEvents => {
    t.match(decodeClientOpening(opening), {
      kind: "ask-original",
      subscription: 1,
      original: { address: "10.0.0.1", port: 80 },
    });
    const app = connect({ host: "127.0.0.1", port: port(), allowHalfOpen: true })
      .on("data", (chunk: Buffer) => stream.write(chunk))
      .on("end", () => stream.end())
      .on("error", (error) => stream.reset("local-refused", error.message));
    return {
      onHead: () => undefined,
      onData: (chunk) => {
        app.write(chunk);
        stream.consumed(chunk.length);
      },
      onEnd: () => void app.end(),
      onReset: () => app.destroy(),
      onDrain: () => undefined,
    };
  };
}

const json = (value: object) => JSON.stringify(value);
const head = (content: string) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${content.length}\r\n\r\n`;

/** An app and a program that answer JSON: `at` is another one in each answer, `price` is the program's mistake. */
async function shop(t: Test) {
  let at = 0;
  const asked: string[] = [];
  const app = await serve((request, response) => {
    asked.push(
      `${request.method} ${request.url} ${"magpie-mirror" in request.headers ? "marked" : "unmarked"}`,
    );
    response.setHeader("Content-Type", "application/json").end(json({ price: 12, at: ++at }));
  });
  const local = await serve((request, response) => {
    const price = request.url === "/wrong" ? 13 : 12;
    response.setHeader("Content-Type", "application/json").end(json({ price, at: 1_000_000 + ++at }));
  });
  const mirrored = new Mirrored({ port: local.port, onClientStream: pipeTo(() => app.port) });
  t.teardown(async () => {
    for (const one of [mirrored, local, app]) await one[Symbol.asyncDispose]();
  });
  const exchange = (method: string, path: string, requestId: string): void => {
    mirrored.wholeCopy(`${method} ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`, { requestId });
    const content = json({ price: 12, at: ++at });
    mirrored.answer(head(content), { requestId, content });
  };
  return { mirrored, asked, exchange };
}

void t.test("a field that differs between two answers of the app is no difference", async (t) => {
  const { mirrored, asked, exchange } = await shop(t);
  exchange("GET", "/items/1", "1");
  exchange("GET", "/items/2", "2");
  await mirrored.settled({ compared: 2 });
  t.match(
    mirrored.compared.map(({ comparison }) => [comparison.verdict, comparison.counts.hidden.noise]),
    [
      ["same", 1],
      ["same", 1],
    ],
  );
  t.same(asked, ["GET /items/1 unmarked"], "asked once for the route, as it was sent");
});

void t.test("what is no noise still differs, and the app is asked three times at most", async (t) => {
  const { mirrored, asked, exchange } = await shop(t);
  exchange("GET", "/wrong", "1");
  await mirrored.settled({ compared: 1 });
  t.equal(asked.length, 3);
  t.same(
    mirrored.compared[0]?.comparison.differences.map(({ place }) => formatPlace(place)),
    ["body/price"],
  );
  exchange("GET", "/wrong", "2");
  await mirrored.settled({ compared: 2 });
  t.equal(asked.length, 3);
});

void t.test("a request that may change something is never asked again", async (t) => {
  const { mirrored, asked, exchange } = await shop(t);
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "get"]) exchange(method, "/items", method);
  mirrored
    .copy("GET /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", { requestId: "body" })
    .stream?.write(Buffer.from("x"));
  mirrored.answer(head("{}"), { requestId: "body", content: "{}" });
  await mirrored.settled({ compared: 6 });
  t.ok(mirrored.compared.every(({ comparison }) => comparison.verdict === "differs"));
  t.same(asked, []);
});

void t.test("an app that cannot be asked teaches nothing and delays nobody for long", async (t) => {
  await using local = await serve((_request, response) => response.end("b"));
  const port = await freePort();
  await using mirrored = new Mirrored({ port: local.port, onClientStream: pipeTo(() => port) });
  mirrored.wholeCopy("GET / HTTP/1.1\r\nHost: a\r\n\r\n", { requestId: "1" });
  mirrored.answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", { requestId: "1", content: "a" });
  await mirrored.settled({ compared: 1 });
  t.match(mirrored.compared, [{ comparison: { verdict: "differs" } }]);
});

void t.test("an app behind TLS is asked in TLS, by the name that its caller asked for", async (t) => {
  await using authority = await Certificates.create();
  const { cert, key } = await authority.issue("shop.example");
  const names: unknown[] = [];
  const app = createServer({ cert, key }, (request, response) => {
    names.push(Reflect.get(request.socket, "servername"));
    response.setHeader("x-at", "2").end();
  }).listen(0, "127.0.0.1");
  await once(app, "listening");
  t.teardown(() => app.close());
  const { port } = app.address() as AddressInfo; // A TCP server's address is no string.
  await using local = await serve((_request, response) => response.setHeader("x-at", "3").end());
  await using mirrored = new Mirrored({ port: local.port, onClientStream: pipeTo(() => port) });
  mirrored.wholeCopy("GET / HTTP/1.1\r\nHost: a\r\n\r\n", {
    requestId: "1",
    tls: { serverName: "shop.example" },
  });
  mirrored.answer("HTTP/1.1 200 OK\r\nx-at: 1\r\nContent-Length: 0\r\n\r\n", { requestId: "1" });
  await mirrored.settled({ compared: 1 });
  t.match(mirrored.compared, [{ comparison: { verdict: "same", counts: { hidden: { noise: 1 } } } }]);
  t.same(names, ["shop.example"]);
});

void t.test("an app of HTTP/2 is asked in HTTP/2", async (t) => {
  await using app = await LocalHttp2App.start();
  await using local = await serve((_request, response) => response.setHeader("x-at", "local").end());
  await using mirrored = new Mirrored({ port: local.port, onClientStream: pipeTo(() => app.port) });
  mirrored.wholeCopy(http2Head({ path: "/a" }), { requestId: "1", kind: "http2" });
  mirrored.answer2(
    [
      [":status", "200"],
      ["x-at", "1"],
    ],
    { requestId: "1" },
  );
  const seen = await app.next();
  t.equal(seen.header(":path"), "/a");
  t.equal(seen.header("magpie-mirror"), undefined);
  seen.stream.respond({ ":status": 200, "x-at": "2" }, { endStream: true });
  await mirrored.settled({ compared: 1 });
  t.match(mirrored.compared, [{ comparison: { counts: { hidden: { noise: 1 } } } }]);
});
