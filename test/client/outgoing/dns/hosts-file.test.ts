import t from "tap";
import { readHosts } from "../../../../src/client/outgoing/dns/hosts-file.ts";

void t.test("hosts(5) has an address and names a line", async (t) => {
  const file = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1 localhost ip6-localhost # both
fe80::1%lo0 linklocal
  10.1.2.3   db.example   db\r
10.1.2.4
bad.address name
10.1.2.5 #none
10.1.2.6 last`;
  t.same(readHosts(Buffer.from(file)), [
    { address: "127.0.0.1", names: ["localhost"] },
    { address: "::1", names: ["localhost", "ip6-localhost"] },
    { address: "fe80::1", names: ["linklocal"] },
    { address: "10.1.2.3", names: ["db.example", "db"] },
    { address: "10.1.2.6", names: ["last"] },
  ]);
  t.same(readHosts(Buffer.alloc(0)), []);
});
