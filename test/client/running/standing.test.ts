import { setTimeout } from "node:timers/promises";
import t from "tap";
import { Standing } from "../../../src/client/running/standing.ts";

const ports = [80, 81].map((remotePort) => ({ remotePort, localAddress: "127.0.0.1", localPort: 8_080 }));

const endless = { maxRequests: null, forMs: null };

void t.test("a session that starts over asks for the ports and filters that stood", async (t) => {
  const standing = new Standing({ ports, filter: { method: "GET" }, bounds: endless });
  t.same(standing.ports, ports);
  t.same(standing.filterOf(80), { method: "GET" });
  standing.filterChanged(80, { method: "PUT" });
  standing.filterChanged(81, null);
  t.same(standing.filterOf(80), { method: "PUT" });
  t.equal(standing.filterOf(81), null);
  standing.over(80);
  t.same(
    standing.ports.map(({ remotePort }) => remotePort),
    [81],
  );
});

void t.test("time goes on while a session is lost", async (t) => {
  t.same(new Standing({ ports, filter: null, bounds: endless }).boundsNow(80), endless);
  const standing = new Standing({ ports, filter: null, bounds: { maxRequests: 3, forMs: 30 } });
  await setTimeout(10);
  t.same(standing.boundsNow(80), { maxRequests: 3, forMs: 30 }, "not before the first one is there");
  standing.begin();
  await setTimeout(10);
  standing.begin();
  const { forMs } = standing.boundsNow(80) ?? {};
  t.ok((forMs ?? 0) <= 21, `${forMs} ms are left`);
  await setTimeout(30);
  t.equal(standing.boundsNow(80), undefined);
  t.same(standing.ports, [], "nothing is left to ask for");
});

void t.test("requests that the program has had count for the next session, port by port", async (t) => {
  const standing = new Standing({ ports, filter: null, bounds: { maxRequests: 2, forMs: null } });
  standing.taken(81);
  t.same(standing.boundsNow(81), { maxRequests: 1, forMs: null });
  t.same(standing.boundsNow(80), { maxRequests: 2, forMs: null });
  standing.taken(81);
  t.same(
    standing.ports.map(({ remotePort }) => remotePort),
    [80],
  );
});
