import t from "tap";
import { serveFrames } from "../../fixtures/frame-app.ts";
import { InboundStage } from "./inbound-stage.ts";
import { StrictClient } from "./http2/strict-client.ts";

const MINE = "header(x-user) == ann";
const mine: [string, string] = ["x-user", "ann"];

/** What curl sends with --http2; `more` are fields with their line ends. */
const upgradeOf = (path: string, more = "") =>
  `GET ${path} HTTP/1.1\r\nHost: pod\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n` +
  `HTTP2-Settings: AAMAAABkAAQAAP__\r\n${more}\r\n`;

/** The stage's app, which speaks frames. */
async function framesOf(stage: InboundStage): Promise<string[]> {
  const app = await stage.app();
  const said: string[] = [];
  app.socket.on("data", (chunk: Buffer) => said.push(chunk.toString("latin1")));
  serveFrames(app.socket, "app");
  // What came before it was there.
  if (app.text !== "") app.socket.emit("data", Buffer.from(app.text, "latin1"));
  return said;
}

void t.test("h2c: the upgrade is the app's to take, and later streams are decided one by one", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const connecting = stage.connect();
  await framesOf(stage);
  const client = new StrictClient(await connecting, { upgrade: upgradeOf("/first") });
  const first = await client.over(1);
  t.same([first.status, first.text], ["200", "app /first"]);
  const stolen = client.request([mine, [":path", "/mine"]]);
  const local = await stage.session.next();
  t.match(local.head, /:path: \/mine\r\n[^]*x-user: ann\r\n/);
  local
    .say("response", [[":status", "200"]])
    .data("local")
    .finish();
  t.equal((await client.over(stolen.id)).text, "local");
  const last = client.request([[":path", "/last"]]);
  t.equal((await client.over(last.id)).text, "app /last");
  t.match(stage.records, [
    { verdict: "original", target: "/first", status: 200 },
    { verdict: "stolen", target: "/mine", status: 200 },
    { verdict: "original", target: "/last", status: 200 },
  ]);
});

void t.test("h2c: a window in HTTP2-Settings holds for stolen streams", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const connecting = stage.connect();
  await framesOf(stage);
  // SETTINGS_INITIAL_WINDOW_SIZE of 10; the client never says another.
  const upgrade = upgradeOf("/").replace("AAMAAABkAAQAAP__", "AAQAAAAK");
  const client = new StrictClient(await connecting, { upgrade, windowBytes: 10 });
  await client.over(1);
  const { id, stream } = client.request([mine]);
  client.isGenerous = false;
  const local = await stage.session.next();
  local
    .say("response", [[":status", "200"]])
    .data("0123456789abc")
    .finish();
  await client.until(() => stream.text === "0123456789");
  client.grant(id, 3);
  t.equal((await client.over(id)).text, "0123456789abc");
});

void t.test("h2c: a stolen request is offered without its offer", async (t) => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  client.send(upgradeOf("/mine", "X-User: ann\r\n"));
  const local = await stage.session.next();
  t.equal(local.meta.kind, "http1");
  t.equal(local.head, "GET /mine HTTP/1.1\r\nHost: pod\r\nX-User: ann\r\n\r\n");
  local.respond("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").data("ok").finish();
  await client.got("\r\n\r\nok");
});

void t.test(
  "h2c: a stolen request that nobody takes reaches the app as it was sent, and is upgraded",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const connecting = stage.connect();
    const said = await framesOf(stage);
    const upgrade = upgradeOf("/mine", "X-User: ann\r\n");
    const client = new StrictClient(await connecting, { upgrade });
    (await stage.session.next()).fail("local-refused");
    t.equal((await client.over(1)).text, "app /mine");
    t.equal(said[0], upgrade);
    const next = client.request([mine, [":path", "/next"]]);
    (await stage.session.next()).say("response", [[":status", "204"]]).finish();
    t.equal((await client.over(next.id)).status, "204");
  },
);

for (const [name, from, to] of [
  ["without its settings", "HTTP2-Settings: AAMAAABkAAQAAP__\r\n", ""],
  ["with settings that are none", "AAMAAABkAAQAAP__", "AAMAAABkAAQAAP_"],
  ["with a value out of its range", "AAMAAABkAAQAAP__", "AAIAAAAC"],
  ["with a Connection that does not name them", "Upgrade, HTTP2-Settings", "Upgrade"],
] as const)
  void t.test(`h2c: an upgrade ${name} is not read; what the app makes of it passes`, async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    const upgrade = upgradeOf("/").replace(from, to);
    t.not(upgrade, upgradeOf("/"));
    client.send(upgrade);
    await app.got("\r\n\r\n");
    t.equal(app.text, upgrade);
    app.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\nany bytes");
    await client.got("any bytes");
    client.send("more bytes");
    await app.got("more bytes");
  });

void t.test(
  "h2c: an app that ignores the offer answers in HTTP/1.1, and the next request is decided",
  async (t) => {
    await using stage = await InboundStage.start({ steal: MINE });
    const client = await stage.connect();
    const app = await stage.app();
    client.send(upgradeOf("/"));
    await app.got("\r\n\r\n");
    app.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    await client.got("\r\n\r\nok");
    client.send("GET /mine HTTP/1.1\r\nX-User: ann\r\n\r\n");
    t.match((await stage.session.next()).head, /^GET \/mine/);
  },
);

void t.test("h2c: a client that goes on with anything but HTTP/2 is left to the app", async () => {
  await using stage = await InboundStage.start({ steal: MINE });
  const client = await stage.connect();
  const app = await stage.app();
  client.send(upgradeOf("/"));
  await app.got("\r\n\r\n");
  app.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
  await client.got("\r\n\r\n");
  client.send("PRI * HTTP/1.1\r\n");
  await app.got("PRI * HTTP/1.1\r\n");
  app.send("what?");
  await client.got("what?");
});
