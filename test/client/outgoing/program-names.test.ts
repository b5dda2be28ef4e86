import t from "tap";
import { readQuestion } from "../../../src/client/outgoing/dns/query.ts";
import { type Destination, ProgramNames } from "../../../src/client/outgoing/index.ts";
import { ManualClock } from "../../tunnel/manual-clock.ts";
import { a, answerTo, query } from "./dns/messages.ts";

function tcp(address: string, port: number): Destination {
  return { protocol: "tcp", endpoint: { family: 4, address, port } };
}

function names(outgoing: readonly string[]) {
  const asked: string[] = [];
  const files = {
    pods: {
      resolvConf: Buffer.from("search default.svc.cluster.local\nnameserver 10.96.0.10\n"),
      hosts: Buffer.from("127.0.0.1 localhost\n10.1.2.3 shop-7d4\n10.1.2.4 db\n"),
      hostname: null,
    },
    nsswitch: null,
    podName: "shop-7d4",
  };
  const remote = async ({ server, query }: { server: { address: string }; query: Buffer }) => {
    asked.push(`${readQuestion(query)?.name} at ${server.address}`);
    return answerTo(query, { answer: [a("@", "10.96.0.7")] });
  };
  return { asked, program: new ProgramNames({ files, outgoing, remote, clock: new ManualClock() }) };
}

void t.test("what a name server answers decides about connections to that address", async (t) => {
  const { asked, program } = names(["local:tcp://redis:6379"]);
  using _ = program;
  const server = { family: 4, address: "10.96.0.10", port: 53 } as const;
  t.ok(program.nameServer.isMine(server));
  t.match(program.ways.wayOf(tcp("10.96.0.7", 80)), { where: "remote" });
  await program.nameServer.answer(query("db.default.svc.cluster.local"), "udp", server);
  t.same(asked, ["db.default.svc.cluster.local at 10.96.0.10"]);
  t.same(structuredClone(program.rules), program.rules);
});

void t.test(
  "a name of the pod's hosts file counts for its address, and a name that is this machine's is not in it",
  async (t) => {
    const all = names(["remote:shop-7d4", "local:10.0.0.0/8"]).program;
    t.match(all.ways.wayOf(tcp("10.1.2.3", 80)), { where: "remote", name: "shop-7d4" });
    t.match(all.ways.wayOf(tcp("10.1.2.4", 80)), { where: "local" });
    const here = names(["local:db"]).program;
    t.equal(here.files.get("/etc/hosts")?.toString(), "127.0.0.1 localhost\n10.1.2.3 shop-7d4\n");
    t.match(here.ways.wayOf(tcp("10.1.2.4", 80)), { where: "remote" });
    t.equal(here.files.get("/etc/nsswitch.conf")?.toString(), "hosts: files dns\n");
    t.equal(here.files.get("/etc/hostname")?.toString(), "shop-7d4\n");
    t.match(here.files.get("/etc/resolv.conf")?.toString(), /nameserver 10\.96\.0\.10/);
  },
);

void t.test("a rule that cannot be understood is told before anything is asked", async (t) => {
  t.throws(() => names(["loacl:db"]), { code: "usage" });
});
