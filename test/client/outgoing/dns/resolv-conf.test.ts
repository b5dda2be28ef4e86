import t from "tap";
import { nameServersOf, searchDomainsOf } from "../../../../src/client/outgoing/dns/resolv-conf.ts";

const cluster = Buffer.from(`# made by the kubelet
search default.svc.cluster.local svc.cluster.local Cluster.Local.
nameserver 10.96.0.10
nameserver\tfd00::a # the second
options ndots:5 timeout:2 attempts:3 rotate edns0 use-vc
`);

void t.test("name servers are read as resolvers do", async (t) => {
  const addresses = (text: string) => nameServersOf(Buffer.from(text)).map(({ address }) => address);
  t.same(nameServersOf(cluster), [
    { family: 4, address: "10.96.0.10", port: 53 },
    { family: 6, address: "fd00::a", port: 53 },
  ]);
  t.same(addresses("; nameserver 1.1.1.1\n#nameserver 2.2.2.2\n  nameserver 3.3.3.3\r\n"), ["3.3.3.3"]);
  t.same(addresses("nameserver fe80::1%eth0\nnameserver fe80::1\n"), ["fe80::1"]);
  t.same(addresses("nameserver dns.example\nnameserver\nnameservers 1.1.1.1\nnameserver 1.1.1"), [
    "127.0.0.1",
  ]);
  t.same(addresses("nameserver 1.1.1.1"), ["1.1.1.1"], "without a new line at the end");
  t.same(nameServersOf(null), [{ family: 4, address: "127.0.0.1", port: 53 }], "resolv.conf(5): no file");
  t.equal(
    addresses(Array.from({ length: 50 }, (_, index) => `nameserver 10.0.0.${index}\n`).join("")).length,
    16,
  );
});

void t.test("of search and domain the last line counts", async (t) => {
  const domains = (text: string) => searchDomainsOf(Buffer.from(text));
  t.same(searchDomainsOf(cluster), ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"]);
  t.same(domains("search a b\ndomain c d\n"), ["c"]);
  t.same(domains("domain c\nsearch a b\n"), ["a", "b"]);
  t.same(domains("search . a..b *.x ok\n"), ["ok"]);
  t.same(domains("search a\nsearch\n"), []);
  t.same(searchDomainsOf(null), []);
});
