import t from "tap";
import { NameTable } from "../../../src/client/outgoing/dns/index.ts";
import { type Destination, Ways } from "../../../src/client/outgoing/index.ts";
import { outgoingRules } from "../../../src/client/outgoing/rules/index.ts";
import { ManualClock } from "../../tunnel/manual-clock.ts";

function tcp(address: string, port: number): Destination {
  return { protocol: "tcp", endpoint: { family: address.includes(":") ? 6 : 4, address, port } };
}

void t.test("a flow leaves where the rules say, also by the names of its address", async (t) => {
  const table = new NameTable({ clock: new ManualClock() });
  const ways = new Ways({
    rules: outgoingRules(["local:redis:6379", "remote:unix:/run/app/*"], ["svc"]),
    table,
  });
  t.match(ways.wayOf(tcp("10.96.0.7", 6379)), { where: "remote", to: tcp("10.96.0.7", 6379) });
  table.learn([{ address: "10.96.0.7", names: ["redis.svc"], ttlSeconds: 5 }], "remote");
  t.match(ways.wayOf(tcp("10.96.0.7", 6379)), { where: "local", name: "redis.svc" });
  t.match(ways.wayOf(tcp("10.96.0.7", 80)), { where: "remote" });
  const socket = { protocol: "unix", path: "/run/app/x", type: "stream" } as const;
  t.match(ways.wayOf(socket), { where: "remote", to: socket });
});

void t.test("the pod's localhost and this machine's are told apart", async (t) => {
  const table = new NameTable({ clock: new ManualClock() });
  const ways = new Ways({ rules: outgoingRules(["local:redis"], []), table });
  // As the program is told of `127.0.0.1 redis` and `::1 redis` of this machine.
  for (const address of ["127.77.0.1", "127.78.0.1"])
    table.learn([{ address, names: ["redis"], ttlSeconds: 5 }], "local");
  t.match(ways.wayOf(tcp("127.0.0.1", 6379)), { where: "remote", to: tcp("127.0.0.1", 6379) });
  t.match(ways.wayOf(tcp("127.77.0.1", 6379)), { where: "local", to: tcp("127.0.0.1", 6379) });
  t.match(ways.wayOf(tcp("127.78.0.1", 6379)), { where: "local", to: tcp("::1", 6379) });
});
