import { BlockList } from "node:net";
import t from "tap";
import {
  formatIpAddress,
  formatNetwork,
  isInNetwork,
  isLoopback,
  networkOf,
  parseAddress,
} from "../../../../src/client/outgoing/rules/ip-network.ts";
import { Random } from "../../../filters/random.ts";

void t.test("addresses are written as RFC 5952 wants them", async (t) => {
  const cases: [text: string, written: string | undefined][] = [
    ["10.1.2.3", "10.1.2.3"],
    ["::", "::"],
    ["::1", "::1"],
    ["fd00:0:0:0:1:0:0:1", "fd00::1:0:0:1"],
    ["FD00::A", "fd00::a"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["fe80::1%eth0", "fe80::1"],
    ["64:ff9b::10.1.2.3", "64:ff9b::a01:203"],
    // RFC 4291 §2.5.5.2: an IPv4 address that a socket of IPv6 is given.
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["::ffff:a01:203", "10.1.2.3"],
    ["::10.1.2.3", "::a01:203"],
    ["10.1.2", undefined],
    ["010.1.2.3", undefined],
    ["redis", undefined],
    ["", undefined],
  ];
  for (const [text, written] of cases) {
    const address = parseAddress(text);
    t.equal(address && formatIpAddress(address), written, text);
  }
});

void t.test("a network holds the addresses that node's own list says it holds", async (t) => {
  const random = new Random(1);
  const octets = () => [0, 1, 2, 3].map(() => random.pick([0, 1, 10, 127, 128, 255, random.below(256)]));
  const groups = () =>
    Array.from({ length: 8 }, () => random.pick([0, 0, 0, 1, 0xfd00, 0xffff, random.below(65_536)]));
  for (let round = 0; round < 1500; round++) {
    const isFour = random.chance(50);
    const make = () =>
      isFour
        ? octets().join(".")
        : groups()
            .map((group) => group.toString(16))
            .join(":");
    const base = make();
    const bits = random.below((isFour ? 32 : 128) + 1);
    const list = new BlockList();
    const family = isFour ? "ipv4" : "ipv6";
    // Bits behind the prefix do not count there either.
    list.addSubnet(base, bits, family);
    const address = random.chance(30) ? base : make();
    // Mapped addresses have a law of their own, below.
    if (!isFour && /^(?:0:){5}ffff:|^::ffff:/.test(`${base} ${address}`)) continue;
    const network = networkOf(base, bits);
    const parsed = parseAddress(address);
    const isIn = network && parsed && isInNetwork(parsed, network);
    if (isIn !== list.check(address, family) && parsed?.family === network?.family)
      t.fail(`${address} in ${base}/${bits}: ${isIn}`);
  }
});

void t.test("a mapped network is one of IPv4", async (t) => {
  const network = networkOf("::ffff:10.0.0.0", 104);
  t.equal(network && formatNetwork(network), "10.0.0.0/8");
  t.equal(networkOf("::ffff:10.0.0.0", 64), undefined, "a prefix that ends before the mapped address does");
  t.equal(networkOf("10.0.0.0", 33), undefined);
  const all = networkOf("::", 0);
  const mapped = parseAddress("::ffff:10.0.0.1");
  t.notOk(all && mapped && isInNetwork(mapped, all), "all of IPv6 has no IPv4");
});

void t.test("loopback is 127.0.0.0/8 and ::1", async (t) => {
  for (const text of ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"]) t.ok(isLoopback(text), text);
  for (const text of ["128.0.0.1", "::", "::2", "localhost"]) t.notOk(isLoopback(text), text);
});
