import t from "tap";
import { inTime } from "../../fixtures/in-time.ts";
import { FakeAgent } from "./fake-agent.ts";
import { LocalApp, type LocalPeer } from "./local-app.ts";

const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A connection on which a request was answered, and that waits for another one. */
async function rested(app: LocalApp, agent: FakeAgent): Promise<LocalPeer> {
  const exchange = agent.request(request);
  const peer = await app.next();
  await peer.got(request);
  peer.socket.write(ok);
  await exchange.over();
  return peer;
}

void t.test("an idle connection ends with FIN after four seconds: a reset would be a failure", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const peer = await rested(app, agent);
  await inTime(
    peer.until(({ ended }) => ended !== "open"),
    "the idle connection to end",
    8_000,
  );
  t.equal(peer.ended, "fin");
  peer.socket.end();
  await peer.until(({ isClosed }) => isClosed);
  t.equal(peer.ended, "fin");
});

void t.test("a program that closes an idle connection is answered with FIN", async (t) => {
  await using app = await LocalApp.start();
  await using agent = new FakeAgent({ port: app.port });
  const peer = await rested(app, agent);
  peer.socket.end();
  await peer.until(({ isClosed }) => isClosed);
  t.equal(peer.ended, "fin");
});
