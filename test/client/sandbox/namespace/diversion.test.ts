import t from "tap";
import { addressLayout, bareLayout } from "../../../../src/client/sandbox/namespace/diversion.ts";

void t.test(
  "an address is laid out once, and the first of each family is the source of what leaves",
  async (t) => {
    const addresses = ["10.88.0.5", "fd88::5", "10.88.0.6", "10.88.0.5"];
    const { ip, nft } = addressLayout(addresses, { hasIPv6: true, device: "eth0" });
    t.equal(
      ip,
      `address add 10.88.0.5/32 dev eth0
address add 10.88.0.6/32 dev eth0
address add fd88::5/128 dev eth0 nodad
route add 0.0.0.0/0 dev lo src 10.88.0.5
route add local ::/0 dev lo src fd88::5 table main
`,
    );
    t.equal(
      nft,
      `add element inet magpie own4 { 10.88.0.5 }
add element inet magpie own4 { 10.88.0.6 }
add element inet magpie own6 { fd88::5 }
`,
    );
  },
);

void t.test(
  "without an address of a family nothing of it is routed, and loopback is never laid out again",
  async (t) => {
    const four = addressLayout(["127.0.0.1", "10.88.0.5"], { hasIPv6: true, device: "lo" });
    t.notMatch(four.ip, /::|127\./);
    t.notMatch(four.nft, /own6|127\./);
    t.same(addressLayout(["::1"], { hasIPv6: true, device: "lo" }), { ip: "", nft: "" });
    t.same(addressLayout(["fd88::5"], { hasIPv6: false, device: "lo" }), { ip: "", nft: "" });
  },
);

void t.test("a kernel without IPv6 is given no listener of it", async (t) => {
  t.match(bareLayout({ hasIPv6: true }).nft, /tproxy ip6 to/);
  t.notMatch(bareLayout({ hasIPv6: false }).nft, /tproxy ip6 to/);
});
