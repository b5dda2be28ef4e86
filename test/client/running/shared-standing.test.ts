import t from "tap";
import { SharedStanding } from "../../../src/client/running/shared-standing.ts";

const ports = [80, 81].map((remotePort) => ({ remotePort, localAddress: "127.0.0.1", localPort: 8_080 }));

function shared(bounds: { maxRequests?: number; forMs?: number } = {}) {
  const { maxRequests = null, forMs = null } = bounds;
  const standing = new SharedStanding({ ports, filter: null, bounds: { maxRequests, forMs } });
  const over: string[] = [];
  const few: string[] = [];
  standing.tell({
    onOver: (port, { code }) => over.push(`${port} ${code}`),
    onFewLeft: (port, left) => few.push(`${port} ${left}`),
  });
  return { standing, over, few };
}

/** All requests are of port 80. */
const of80 = (): number => 80;

void t.test("never more are offered by all members than may be taken, and each counts once", async (t) => {
  const { standing, over } = shared({ maxRequests: 3 });
  const [one, other] = [standing.forMember().quota?.(of80), standing.forMember().quota?.(of80)];
  const offers = [one?.offer(1), other?.offer(1), one?.offer(1)];
  t.ok(offers.every((offer) => offer !== undefined));
  t.equal(other?.offer(1), undefined);
  t.ok(one?.isOffered(1));
  offers[0]?.giveBack();
  offers[0]?.take();
  const again = other?.offer(1);
  t.ok(again, "what is given back is there again, and is not taken later");
  for (const offer of [offers[1], offers[2], again]) offer?.take();
  offers[1]?.take();
  offers[1]?.giveBack();
  t.equal(one?.offer(1), undefined);
  await new Promise(setImmediate);
  t.same(over, ["80 max-requests"]);
  t.same(
    standing.ports.map(({ remotePort }) => remotePort),
    [81],
    "each port has its own bound",
  );
});

void t.test("no agent is told of a number, but of the time that is left", async (t) => {
  const { standing } = shared({ maxRequests: 3, forMs: 60_000 });
  const member = standing.forMember();
  member.begin();
  const bounds = member.boundsNow(80);
  t.equal(bounds?.maxRequests, null);
  t.ok((bounds?.forMs ?? 0) > 59_000);
});

void t.test("it is said when a tenth is left", async (t) => {
  const { standing, few } = shared({ maxRequests: 20 });
  const quota = standing.forMember().quota?.(of80);
  for (let taken = 0; taken < 18; taken++) quota?.offer(1)?.take();
  t.same(few, ["80 2"]);
});

void t.test(
  "a port that is released with one member is over for all, one that was taken for that one",
  async (t) => {
    const { standing, over } = shared();
    const [one, other] = [standing.forMember(), standing.forMember()];
    one.over(80, { code: "taken", message: "" });
    t.same(over, []);
    t.ok(one.isOver(80));
    t.notOk(other.isOver(80));
    t.equal(one.ports.length, 1);
    t.equal(other.ports.length, 2);
    one.over(81, { code: "released", message: "" });
    other.over(81, { code: "released", message: "" });
    t.same(over, ["81 released"], "told once");
    t.ok(other.isOver(81));
  },
);

void t.test("a filter that one has been given is what others ask for", async (t) => {
  const { standing } = shared();
  standing.forMember().filterChanged(80, { method: "PUT" });
  t.same(standing.forMember().filterOf(80), { method: "PUT" });
});
