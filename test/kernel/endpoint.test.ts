import { SocketAddress } from "node:net";
import t from "tap";
import {
  AF_INET,
  AF_INET6,
  decodeSockaddr,
  encodeSockaddr,
  formatEndpoint,
} from "../../src/kernel/endpoint.ts";
import { seededRandom } from "../fixtures/byte-splits.ts";

void t.test("ip(7): IPv4 lies as family in host order, port and address in network order", async (t) => {
  const bytes = encodeSockaddr({ family: 4, address: "10.1.2.255", port: 0x1234 });
  t.same([...bytes], [AF_INET, 0, 0x12, 0x34, 10, 1, 2, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
  t.same(decodeSockaddr(bytes), { family: 4, address: "10.1.2.255", port: 0x1234 });
});

void t.test("ipv6(7): IPv6 lies behind port and flow", async (t) => {
  const bytes = encodeSockaddr({ family: 6, address: "fd00:1::2:3", port: 443 });
  t.same(
    [...bytes],
    [AF_INET6, 0, 1, 187, 0, 0, 0, 0, 0xfd, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0],
  );
  t.same(decodeSockaddr(bytes), { family: 6, address: "fd00:1::2:3", port: 443 });
});

void t.test("RFC 4291 §2.2: every form of an address is the same address", async (t) => {
  const port = 1;
  for (const [forms, plain] of [
    [["::", "0:0:0:0:0:0:0:0"], "::"],
    [["::1", "0:0:0:0:0:0:0:1", "0000::0001"], "::1"],
    [["fd00::", "fd00:0:0:0:0:0:0:0", "FD00::"], "fd00::"],
    [["2001:db8::a:0:0:1", "2001:DB8:0:0:a:0:0:1"], "2001:db8::a:0:0:1"],
    [["1:2:3:4:5:6:7:8"], "1:2:3:4:5:6:7:8"],
    [["1::8", "1:0:0:0:0:0:0:8"], "1::8"],
    [["64:ff9b::10.1.2.3", "64:ff9b::a01:203"], "64:ff9b::a01:203"],
    [["1:2:3:4:5:6:10.1.2.3"], "1:2:3:4:5:6:a01:203"],
  ] as const)
    for (const address of forms)
      t.same(decodeSockaddr(encodeSockaddr({ family: 6, address, port })), {
        family: 6,
        address: plain,
        port,
      });
});

void t.test("RFC 4291 §2.5.5.2: an IPv4-mapped address is given as IPv4", async (t) => {
  for (const address of ["::ffff:10.1.2.3", "::ffff:a01:203", "0:0:0:0:0:FFFF:10.1.2.3"])
    t.same(decodeSockaddr(encodeSockaddr({ family: 6, address, port: 80 })), {
      family: 4,
      address: "10.1.2.3",
      port: 80,
    });
});

void t.test("any address and port come back as they went in", async (t) => {
  const random = seededRandom(4);
  for (let round = 0; round < 500; round++) {
    const port = Math.floor(random() * 65_536);
    const four = Array.from({ length: 4 }, () => Math.floor(random() * 256)).join(".");
    t.same(decodeSockaddr(encodeSockaddr({ family: 4, address: four, port })), {
      family: 4,
      address: four,
      port,
    });
    const groups = Array.from({ length: 8 }, () =>
      random() < 0.4 ? "0" : Math.floor(random() * 65_536).toString(16),
    );
    groups[0] = "2001";
    const { address } = new SocketAddress({ address: groups.join(":"), family: "ipv6" });
    for (const form of [address, groups.join(":")])
      t.same(decodeSockaddr(encodeSockaddr({ family: 6, address: form, port })), {
        family: 6,
        address,
        port,
      });
  }
});

void t.test("RFC 5952 §6: for people IPv6 stands in brackets", async (t) => {
  t.equal(formatEndpoint({ family: 4, address: "10.1.2.3", port: 80 }), "10.1.2.3:80");
  t.equal(formatEndpoint({ family: 6, address: "fd00::1", port: 80 }), "[fd00::1]:80");
});
