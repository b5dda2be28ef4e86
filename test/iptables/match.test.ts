import t from "tap";
import { type Match, renderMatch } from "../../iptables/src/match.ts";

const SPELLED: [Match, string][] = [
  [{ meta: "mark", is: 0x106d }, "meta mark 0x106d"],
  [{ meta: "mark", isNot: 1 }, "meta mark != 0x1"],
  [{ meta: "skgid", is: 1337 }, "meta skgid 1337"],
  [{ meta: "l4proto", oneOf: ["tcp", "udp"] }, "meta l4proto { tcp, udp }"],
  [{ meta: "nfproto", is: "ipv6" }, "meta nfproto ipv6"],
  [{ meta: "iif", is: "lo" }, 'iif "lo"'],
  [{ meta: "oifname", isNot: "eth*" }, 'oifname != "eth*"'],
  [{ ip: "saddr", is: "10.0.0.0/8" }, "ip saddr 10.0.0.0/8"],
  [{ ip6: "daddr", noneOf: ["::1", "fd00::/8"] }, "ip6 daddr != { ::1, fd00::/8 }"],
  [{ tcp: "dport", inSet: "ports" }, "tcp dport @ports"],
  [{ tcp: "sport", notInSet: "ports" }, "tcp sport != @ports"],
  [{ udp: "dport", oneOf: [53, { from: 1000, to: 2000 }] }, "udp dport { 53, 1000-2000 }"],
  [{ tcpFlags: ["syn"], of: ["fin", "syn", "rst", "ack"] }, "tcp flags & (fin|syn|rst|ack) == (syn)"],
  [{ tcpFlags: [], of: ["syn"] }, "tcp flags & (syn) == 0"],
  [{ fib: "daddr type", is: "local" }, "fib daddr type local"],
  [{ socket: "transparent", is: 1 }, "socket transparent 1"],
  [{ socket: "mark", is: 5 }, "socket mark 0x5"],
  [{ ct: "state", oneOf: ["new", "established"] }, "ct state new,established"],
  [{ ct: "state", isNot: "new" }, "ct state & new == 0"],
  [{ ct: "status", isNot: "dnat" }, "ct status & dnat == 0"],
  [{ ct: "status", noneOf: ["dnat", "snat"] }, "ct status & (dnat|snat) == 0"],
  [{ ct: "mark", is: 3 }, "ct mark 0x3"],
  [{ ct: "direction", is: "reply" }, "ct direction reply"],
];

for (const [match, spelled] of SPELLED)
  await t.test(`spells ${spelled}`, async (t) => t.equal(renderMatch(match), spelled));

await t.test("refuses values from outside that the types would have refused", async (t) => {
  const refused: unknown[] = [
    { meta: "mark; drop", is: 1 },
    { meta: "nfproto", is: "ipv4 accept" },
    { ip: "saddr", is: "::1" },
    { ip: "daddr; drop", is: "10.0.0.1" },
    { tcp: "dport", is: { from: 5, to: 4 } },
    { tcp: "dport", oneOf: [] },
    { tcp: "dport", inSet: "a; drop" },
    { tcp: "dport; drop", is: 80 },
    { tcpFlags: ["syn) accept"], of: ["syn"] },
    { fib: "oif", is: "local" },
    { socket: "level", is: 1 },
    { ct: "state", inSet: "states" },
    { ct: "label", is: 1 },
    { nothing: 1 },
  ];
  for (const match of refused)
    t.throws(() => renderMatch(match as Match), { code: "invalid-value" }, JSON.stringify(match));
});
