import { PassThrough } from "node:stream";
import { connect } from "node:tls";
import t from "tap";
import type { PodProbe } from "../../../src/protocol/index.ts";
import { InboundStage } from "./inbound-stage.ts";

const asked = { name: "liveness probe of container web", headers: [], serverName: null } as const;
const https: PodProbe = { ...asked, kind: "https", path: "/healthz", userAgent: "kube-probe/" };
const byCommand: PodProbe = { ...asked, kind: "exec", path: "/healthz", userAgent: "curl/" };
const tcp: PodProbe = { ...asked, kind: "tcp", path: null, userAgent: null };

/** A ClientHello for a name, or for an address. */
async function helloTo(servername: string): Promise<Buffer> {
  const wire = new PassThrough();
  const sent = Promise.withResolvers<Buffer>();
  wire.write = (bytes: Buffer) => {
    sent.resolve(bytes);
    return true;
  };
  const client = connect({ socket: wire, servername });
  client.on("error", () => undefined);
  const hello = await sent.promise;
  client.destroy();
  return hello;
}

void t.test("TLS of a probe that the spec names reaches the app, though all bytes are stolen", async (t) => {
  await using stage = await InboundStage.start({ steal: "everything", podProbes: [https] });
  const probe = await stage.connect();
  const hello = await helloTo("");
  probe.send(hello);
  const app = await stage.app();
  await app.until(({ bytes }) => bytes === hello.length);
  probe.socket.end();
  await app.over("fin");
  app.socket.end();
  await probe.over("fin");
  await stage.closed(1);
  t.match(stage.records[0], {
    verdict: "opaque",
    protocol: "tls",
    isProbe: true,
    reason: "TLS to no server name, as of the liveness probe of container web, goes to the app",
  });
  t.equal(stage.counts.connections.probe, 1);
  t.equal(stage.session.streams.length, 0);
});

void t.test("TLS to a name is none, and who asked for probes has them", async () => {
  await using stage = await InboundStage.start({ steal: "everything", podProbes: [https] });
  const other = await stage.connect();
  other.send(await helloTo("shop.example"));
  await stage.session.next();
  await using asking = await InboundStage.start({ steal: "everything", podProbes: [https], probes: "steal" });
  const probe = await asking.connect();
  probe.send(await helloTo(""));
  await asking.session.next();
});

void t.test(
  "a command of the pod that asks for its health reaches the app, and is told as such",
  async (t) => {
    await using stage = await InboundStage.start({ steal: "everything", podProbes: [byCommand, tcp] });
    const probe = await stage.connect();
    probe.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8.5.0\r\n\r\n");
    const app = await stage.app();
    await app.got("GET /healthz");
    app.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    await probe.got("200 OK");
    t.match(stage.records[0], {
      verdict: "original",
      isProbe: true,
      reason: "the liveness probe of container web goes to the app",
    });
    const bare = await stage.connect();
    bare.socket.end();
    (await stage.app()).socket.end();
    await bare.over("fin");
    await stage.closed(1);
    t.match(stage.records[1], {
      reason: "a connection without a byte, as of the liveness probe of container web, goes to the app",
    });
  },
);
