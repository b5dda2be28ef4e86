import t from "tap";
import {
  programsHostname,
  programsHosts,
  programsNsswitch,
  programsResolvConf,
} from "../../../../src/client/outgoing/dns/program-files.ts";
import { outgoingRules } from "../../../../src/client/outgoing/rules/index.ts";

void t.test("a program reads the pod's files byte for byte", async (t) => {
  const bytes = Buffer.from("# \xff\nnameserver 10.96.0.10", "latin1");
  t.same(programsResolvConf(bytes), bytes);
  t.same(programsHosts(bytes, outgoingRules([])), bytes);
  t.same(programsHostname(bytes, "x"), bytes);
});

void t.test("a file that the pod has not is one that says the same", async (t) => {
  t.equal(programsResolvConf(null).toString(), "nameserver 127.0.0.1\n");
  t.match(programsHosts(null, outgoingRules([])).toString(), /^127\.0\.0\.1\tlocalhost\n/);
  t.equal(programsHostname(null, "shop-7d4").toString(), "shop-7d4\n");
});

void t.test("names that a rule gives to this machine are in no hosts file of the pod", async (t) => {
  const pods =
    "127.0.0.1 localhost db\n10.1.2.3  shop-7d4\n10.1.2.4 db.example  db cache # both\n10.1.2.5 db\n";
  const seen = (...rules: string[]) =>
    programsHosts(Buffer.from(pods), outgoingRules(rules, ["example"])).toString();
  t.equal(seen("local:other"), pods);
  t.equal(seen("local:db"), "127.0.0.1 localhost db\n10.1.2.3  shop-7d4\n10.1.2.4\tcache\n");
  t.equal(seen("local:*"), "127.0.0.1 localhost db\n");
});

void t.test("names of hosts come from files and DNS alone, and the rest is this machine's", async (t) => {
  const yours = "passwd: files systemd\nhosts: mymachines resolve [!UNAVAIL=return] files dns\nrpc: db files";
  t.equal(
    programsNsswitch(Buffer.from(yours)).toString(),
    "passwd: files systemd\nrpc: db files\nhosts: files dns\n",
  );
  t.equal(programsNsswitch(Buffer.from(" Hosts :files\n")).toString(), "hosts: files dns\n");
  t.equal(programsNsswitch(null).toString(), "hosts: files dns\n");
});
