import t from "tap";
import { chainNames, lastLeaseSecond, leaseText, openingText } from "../../iptables/src/iptables-text.ts";

const family = { id: "12_abcdef", listenerPort: 15001, upstreamMark: 7, agentGid: 1337 };

await t.test("a lease holds at least as long as asked and at most a second longer", async (t) => {
  const leaseMs = 4000;
  for (const nowMs of [0, 1, 500, 999, 1000, 1_800_000_000_123]) {
    const last = Date.parse(`${lastLeaseSecond(nowMs, leaseMs)}Z`);
    // The last second is included: the rule matches until the next one begins.
    const heldMs = last + 1000 - nowMs;
    t.ok(heldMs > leaseMs && heldMs <= leaseMs + 1000, `${nowMs}: ${heldMs}`);
  }
});

await t.test("exempts mark and group before it looks at the lease", async (t) => {
  const lines = openingText(family, "2030-01-01T00:00:00").split("\n");
  const at = (part: string) => lines.findIndex((line) => line.includes(`-A MAGPIE-12_abcdef-OUT ${part}`));
  t.ok(at("-m mark --mark 0x7 -j RETURN") >= 0 && at("-m owner --gid-owner 1337 -j RETURN") >= 0);
  t.ok(at("-m owner") < at("-p tcp --syn -m time --datestop 2030-01-01T00:00:00"));
});

await t.test("a renewal touches no port; a change of ports names all of them", async (t) => {
  const { to } = chainNames(family.id);
  t.notMatch(leaseText(family, "2030-01-01T00:00:00"), `:${to}`);
  const text = leaseText(family, "2030-01-01T00:00:00", [80, 81]);
  t.match(text, `:${to} - [0:0]`);
  t.match(text, `-A ${to} -p tcp --dport 81 -j REDIRECT --to-ports 15001`);
});

await t.test("names of chains fit into the kernel's 28 characters with the largest process id", async (t) => {
  for (const name of Object.values(chainNames("4194304_abcdef"))) t.ok(name.length <= 28, name);
});
