import t from "tap";
import { type TracedFlow, TracedOutgoing } from "../../../src/client/exec/traced-outgoing.ts";
import {
  type Destination,
  NetworkError,
  type Outgoing,
  type Way,
} from "../../../src/client/outgoing/index.ts";

const endpoint = { family: 4, address: "10.0.0.1", port: 80 } as const;
const end = { join: () => undefined, abandon: () => undefined };

function traced(inner: Partial<Outgoing>) {
  const told: TracedFlow[] = [];
  const wayOf = (to: Destination) => ({ where: "remote", because: "a rule says so", to }) as unknown as Way; // As far as it is told.
  const outgoing = new TracedOutgoing({
    inner: { wayOf: () => "pod", ...inner } as Outgoing, // What is left out is not asked.
    wayOf,
    tell: (flow) => told.push(flow),
  });
  return { told, outgoing };
}

void t.test("a connection is told with its rule and what became of it, and is the very same", async (t) => {
  const { signal } = new AbortController();
  const good = traced({ connect: () => Promise.resolve(end) });
  t.equal(await good.outgoing.connect({ protocol: "tcp", endpoint }, { signal }), end);
  const bad = traced({ connect: () => Promise.reject(new NetworkError("ECONNREFUSED", "x")) });
  const to = { protocol: "unix", path: "\0name", type: "stream" } as const;
  await t.rejects(bad.outgoing.connect(to, { signal }), /x/);
  const said = { where: "remote", because: "a rule says so" };
  t.same(good.told, [{ ...said, about: "tcp 10.0.0.1:80", outcome: "connected" }]);
  t.same(bad.told, [{ ...said, about: "unix @name", outcome: "ECONNREFUSED" }]);
});

void t.test("whom datagrams go to is told once for each socket", async (t) => {
  const sent: string[] = [];
  const { told, outgoing } = traced({
    datagrams: () => ({ send: (payload) => sent.push(payload.toString()), close: () => undefined }),
  });
  const port = outgoing.datagrams({ onDatagram: () => undefined, onError: () => undefined });
  for (const text of ["a", "b"]) port.send(Buffer.from(text), endpoint);
  t.same(sent, ["a", "b"]);
  t.same(
    told.map(({ about, outcome }) => `${about} ${outcome}`),
    ["udp 10.0.0.1:80 sent"],
  );
});

void t.test("what came back of datagrams is told once for each errno, and passed on each time", async (t) => {
  let fail: (errno: string) => void = () => undefined;
  const { told, outgoing } = traced({
    datagrams: (events) => {
      fail = (errno) => events.onError(errno, endpoint);
      return { send: () => undefined, close: () => undefined };
    },
  });
  const heard: string[] = [];
  outgoing.datagrams({ onDatagram: () => undefined, onError: (errno) => heard.push(errno) });
  for (const errno of ["ENETUNREACH", "ENETUNREACH", "ECONNREFUSED"]) fail(errno);
  t.same(heard, ["ENETUNREACH", "ENETUNREACH", "ECONNREFUSED"]);
  t.same(
    told.map(({ about, outcome }) => `${about} ${outcome}`),
    ["udp 10.0.0.1:80 ENETUNREACH", "udp 10.0.0.1:80 ECONNREFUSED"],
  );
});
