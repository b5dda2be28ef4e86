import t from "tap";
import { foundAddresses } from "../../src/client/outgoing/dns/found-addresses.ts";
import { NameService, NameTable } from "../../src/client/outgoing/dns/index.ts";
import { readQuestion } from "../../src/client/outgoing/dns/query.ts";
import { explainFlow, outgoingRules, parseAskedFlow } from "../../src/client/outgoing/rules/index.ts";
import { Ways } from "../../src/client/outgoing/ways.ts";
import { ManualClock } from "../tunnel/manual-clock.ts";
import { a, answerTo, query } from "../client/outgoing/dns/messages.ts";

const server = { family: 4, address: "10.96.0.10", port: 53 } as const;
const searchDomains = ["shop.svc.cluster.local", "cluster.local"];
const hosts = ["redis", "redis.shop.svc.cluster.local", "api.corp.example", "www.example.com", "10.1.2.3"];
const patterns = [
  ...["redis", "redis.", "redis.*", "*.corp.example", "**", "*", "*.cluster.local", "www.*.com"],
  ...["10.0.0.0/8", "10.1.2.3", "10.7.0.0/16", "192.168.0.0/16"],
];

/** As linear congruential generators go (Numerical Recipes §7.1). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomRules(random: (below: number) => number): string[] {
  const pick = <One>(list: readonly One[]): One => list[random(list.length)] as One; // It is below its length.
  return Array.from({ length: 1 + random(4) }, () => {
    const scheme = pick(["", "", "tcp://", "udp://"]);
    return `${pick(["local", "remote"])}:${scheme}${pick(patterns)}${pick(["", "", ":6379", ":80-90"])}`;
  });
}

/** What a program does: it asks its name server, and connects to what it was told. Gives where both have led. */
async function leadsTo(written: readonly string[], host: string, port: number, protocol: "tcp" | "udp") {
  const rules = outgoingRules(written, searchDomains);
  const clock = new ManualClock();
  const table = new NameTable({ clock });
  const ways = new Ways({ rules, table });
  let [looked, address]: ["local" | "remote" | undefined, string] = [undefined, host];
  if (!/^[\d.]+$/.test(host)) {
    const ask =
      (where: "local" | "remote", found: string) =>
      async ({ query }: { query: Buffer }) => {
        looked = where;
        return answerTo(query, { answer: [a(readQuestion(query)?.name ?? "", found)] });
      };
    using service = new NameService({
      ...{ rules, table, podServers: [server], clock },
      own: { servers: async () => [server], addressesOf: async () => undefined },
      ...{ remote: ask("remote", "10.7.7.7"), local: ask("local", "192.168.7.7") },
    });
    const answer = await service.answer(query(host), "udp", server);
    [address = ""] = foundAddresses(answer ?? Buffer.alloc(0)).map((one) => one.address);
  }
  const { where } = ways.wayOf({ protocol, endpoint: { family: 4, address, port } });
  return { where, looked };
}

void t.test("explain says of each flow where it leads, or upon what that depends", async (t) => {
  const random = randomFrom(7);
  let depending = 0;
  for (let turn = 0; turn < 1_000; turn++) {
    const written = randomRules(random);
    const host = hosts[turn % hosts.length] ?? "";
    const [protocol, port] = [random(4) === 0 ? "udp" : "tcp", [80, 443, 6379][random(3)] ?? 0] as const;
    const asked = `${protocol}://${host}:${port}`;
    const { decision, lookup } = explainFlow(outgoingRules(written), parseAskedFlow(asked), asked);
    const real = await leadsTo(written, host, port, protocol);
    const mayBe = (decided: { where: string; unless: readonly { rule: { where: string } }[] }) => [
      decided.where,
      ...decided.unless.map(({ rule }) => rule.where),
    ];
    if (decision.unless.length > 0) depending++;
    const about = { written, asked, real, decision: decision.because, lookup: lookup?.because };
    if (!mayBe(decision).includes(real.where)) t.fail("it leads elsewhere", about);
    if (real.looked !== undefined && lookup !== null && !mayBe(lookup).includes(real.looked))
      t.fail("its name is looked up elsewhere", about);
  }
  t.ok(depending > 0 && depending < 700, `${depending} depend upon what is not known before`);
});
