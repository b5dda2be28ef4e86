import t from "tap";
import { isTruncated, responseCode } from "../../../../src/client/outgoing/dns/answer.ts";
import { foundAddresses } from "../../../../src/client/outgoing/dns/found-addresses.ts";
import {
  NameService,
  NameTable,
  type SentQuestion,
  type ToldLookup,
} from "../../../../src/client/outgoing/dns/index.ts";
import { outgoingRules } from "../../../../src/client/outgoing/rules/index.ts";
import type { Endpoint } from "../../../../src/kernel/index.ts";
import { ManualClock } from "../../../tunnel/manual-clock.ts";
import { a, aaaa, answerTo, query, type RecordText, soa } from "./messages.ts";

const pods: Endpoint = { family: 4, address: "10.96.0.10", port: 53 };
const another: Endpoint = { family: 4, address: "8.8.8.8", port: 53 };
const own: Endpoint = { family: 4, address: "192.168.0.1", port: 53 };

type Replying = (question: SentQuestion) => Buffer | Promise<Buffer>;

/** A service whose servers are functions; `asked` tells who was asked, and from where. */
function service(
  rules: readonly string[],
  replying: Replying,
  hosts: Readonly<Record<string, Buffer[]>> = {},
) {
  const clock = new ManualClock();
  const table = new NameTable({ clock });
  const asked: string[] = [];
  const told: ToldLookup[] = [];
  const from = (where: string) => async (question: SentQuestion) => {
    asked.push(`${where} ${question.via} ${question.server.address}`);
    return await replying(question);
  };
  const names = new NameService({
    rules: outgoingRules(rules, ["default.svc.cluster.local"]),
    table,
    podServers: [pods],
    remote: from("pod"),
    local: from("here"),
    own: {
      servers: () => Promise.resolve([own]),
      addressesOf: (names) =>
        Promise.resolve(names.map((name) => hosts[name]).find((found) => found !== undefined)),
    },
    clock,
    onLookup: (lookup) => told.push(lookup),
  });
  return { names, table, clock, asked, told };
}

function records(...answer: RecordText[]): Replying {
  return ({ query }) => answerTo(query, { answer });
}

const silence: Replying = () => new Promise(() => undefined);

function addresses(answer: Buffer | undefined): string[] {
  return answer === undefined ? ["nothing"] : foundAddresses(answer).map(({ address }) => address);
}

void t.test("the name decides whose servers are asked", async (t) => {
  const cases: [rules: string[], name: string, server: Endpoint, asked: string][] = [
    [[], "redis", pods, "pod udp 10.96.0.10"],
    [[], "redis", another, "pod udp 8.8.8.8"],
    [["local:redis"], "redis", pods, "here udp 192.168.0.1"],
    [["local:redis"], "Redis.default.svc.cluster.local", pods, "here udp 192.168.0.1"],
    [["local:redis"], "db", pods, "pod udp 10.96.0.10"],
    // A server that the pod knows nothing of stands for itself.
    [["local:redis"], "redis", another, "here udp 8.8.8.8"],
    [["local:8.8.8.0/24"], "redis", another, "here udp 8.8.8.8"],
    [["local:udp://*:53"], "redis", pods, "here udp 192.168.0.1"],
    [["remote:redis", "local:udp://*:53"], "redis", pods, "pod udp 10.96.0.10"],
    [["local:10.0.0.0/8"], "redis", pods, "pod udp 10.96.0.10"],
  ];
  for (const [rules, name, server, expected] of cases) {
    const { names, asked } = service(rules, records(a("@", "10.0.0.1")));
    t.same(addresses(await names.answer(query(name), "udp", server)), ["10.0.0.1"]);
    t.same(asked, [expected], `${rules.join(" ")}: ${name}`);
  }
});

void t.test(
  "what is asked at the port of DNS is its to answer, and the pod's name servers wherever they are",
  async (t) => {
    const { names } = service([], records());
    for (const endpoint of [pods, another]) t.ok(names.isMine(endpoint));
    t.notOk(names.isMine({ ...pods, port: 443 }));
  },
);

void t.test("messages pass as they are, whatever they ask for", async (t) => {
  const answers: Buffer[] = [];
  const { names, asked } = service([], ({ query }) => {
    sent.push(query);
    const answer = answerTo(query, {
      answer: [{ name: "@", type: 16, ttl: 0, data: Buffer.from("\x03a\xff\0") }],
    });
    answers.push(answer);
    return answer;
  });
  const sent: Buffer[] = [];
  const questions = [
    query("X.eXample", "TXT", { id: 7 }),
    query("_x._tcp.example", "SRV", { ednsBytes: 4096, dnssecOk: true }),
    query("x", "MX", { ednsBytes: 1232, ednsOptions: Buffer.from("000a00080102030405060708", "hex") }),
    query("x", 65_280, { flags: 0x0130 }),
  ];
  for (const question of questions) t.same(await names.answer(question, "tcp", pods), answers.at(-1));
  t.same(sent, questions);
  t.same(new Set(asked), new Set(["pod tcp 10.96.0.10"]));
});

void t.test(
  "an answer is given again for its time, with the asker's id and spelling, and times counted down",
  async (t) => {
    const { names, asked, clock, told } = service([], records(a("@", "10.0.0.1", 10)));
    await names.answer(query("redis", "A", { id: 1 }), "udp", pods);
    clock.advance(4000);
    const again = await names.answer(query("REDIS", "A", { id: 2 }), "tcp", pods);
    t.equal(asked.length, 1);
    t.equal(again?.readUInt16BE(0), 2);
    t.equal(again?.toString("latin1", 13, 18), "REDIS");
    t.match(again && foundAddresses(again), [{ address: "10.0.0.1", ttlSeconds: 6 }]);
    t.same(
      told.map(({ from }) => from),
      ["server", "cache"],
    );
    clock.advance(6000);
    await names.answer(query("redis"), "udp", pods);
    t.equal(asked.length, 2, "its time was over");
  },
);

void t.test("only the same question to the same server has the same answer", async (t) => {
  const { names, asked } = service(["local:here"], ({ query }) => {
    const type = query.includes(Buffer.from("redis\0\0\x1c")) ? "AAAA" : "A";
    return answerTo(query, { answer: [{ name: "@", type, data: Buffer.alloc(type === "A" ? 4 : 16, 9) }] });
  });
  const different: [question: Buffer, server: Endpoint][] = [
    [query("redis"), pods],
    [query("redis"), another],
    [query("redi"), pods],
    [query("redis", "AAAA"), pods],
    [query("redis", "A", { flags: 0 }), pods],
    [query("redis", "A", { flags: 0x0110 }), pods],
    [query("redis", "A", { ednsBytes: 1232 }), pods],
    [query("redis", "A", { ednsBytes: 1232, dnssecOk: true }), pods],
    [query("here"), pods],
    [query("here"), another],
  ];
  for (const [question, server] of different) await names.answer(question, "udp", server);
  t.equal(asked.length, different.length);
  for (const [question, server] of different) await names.answer(question, "udp", server);
  t.equal(asked.length, different.length, "all are kept");
  const personal = query("redis", "A", { ednsBytes: 1232, ednsOptions: Buffer.alloc(12) });
  for (let round = 0; round < 2; round++) await names.answer(personal, "udp", pods);
  t.equal(asked.length, different.length + 2, "but for what is meant for one asker");
});

void t.test("what is not there is kept as the zone says, a failure not at all", async (t) => {
  let code = 3;
  const { names, asked, clock } = service([], ({ query }) =>
    answerTo(query, { code, authority: [soa("x", 5)] }),
  );
  for (let round = 0; round < 2; round++) t.equal(codeOf(await names.answer(query("x"), "udp", pods)), 3);
  t.equal(asked.length, 1);
  clock.advance(5000);
  code = 2;
  for (let round = 0; round < 2; round++) t.equal(codeOf(await names.answer(query("x"), "udp", pods)), 2);
  t.equal(asked.length, 3);
});

void t.test("who asks the same at the same time has one answer, each with its own id", async (t) => {
  const gate = Promise.withResolvers<undefined>();
  const { names, asked } = service([], async ({ query }) => {
    await gate.promise;
    return answerTo(query, { answer: [a("@", "10.0.0.1", 0)] });
  });
  const answers = [1, 2, 3].map((id) => names.answer(query("redis", "A", { id }), "udp", pods));
  gate.resolve(undefined);
  t.same(
    (await Promise.all(answers)).map((answer) => answer?.readUInt16BE(0)),
    [1, 2, 3],
  );
  t.equal(asked.length, 1);
  await names.answer(query("redis"), "udp", pods);
  t.equal(asked.length, 2, "what may not be kept is asked for again");
});

void t.test("what is too long over UDP is cut and says so, and comes whole over TCP", async (t) => {
  const many = Array.from({ length: 60 }, (_, index) => a("@", `10.0.0.${index}`));
  const { names, asked } = service([], records(...many));
  const cut = await names.answer(query("x"), "udp", pods);
  t.ok(cut && isTruncated(cut) && cut.length <= 512);
  t.equal(addresses(await names.answer(query("x"), "tcp", pods)).length, 60);
  t.equal(asked.length, 1, "the whole was there");
  t.equal(addresses(await names.answer(query("x", "A", { ednsBytes: 1232 }), "udp", pods)).length, 60);
  // One that the server has cut is passed on and not kept.
  const server = service([], ({ query, via }) =>
    answerTo(query, via === "udp" ? { flags: 0x0200 } : { answer: many }),
  );
  const servers = await server.names.answer(query("x"), "udp", pods);
  t.ok(servers && isTruncated(servers));
  t.equal(addresses(await server.names.answer(query("x"), "tcp", pods)).length, 60);
  t.same(server.asked, ["pod udp 10.96.0.10", "pod tcp 10.96.0.10"]);
});

void t.test("nobody waits for ever", async (t) => {
  const { names, clock, told } = service([], silence);
  const answered = names.answer(query("x", "A", { id: 9 }), "udp", pods);
  await turn();
  clock.advance(5000);
  const answer = await answered;
  t.equal(codeOf(answer), 2, "SERVFAIL");
  t.equal(answer?.readUInt16BE(0), 9);
  t.match(told, [{ name: "x", where: "remote", from: "nobody" }]);
  const refusing = service([], () => Promise.reject(new Error("refused")));
  t.equal(codeOf(await refusing.names.answer(query("x"), "udp", pods)), 2);
  const closing = service([], silence);
  const last = closing.names.answer(query("x"), "udp", pods);
  await turn();
  closing.names[Symbol.dispose]();
  t.equal(codeOf(await last), 2, "and not when it ends");
});

void t.test("more than can be under way fails at once", async (t) => {
  const { names, clock, asked } = service([], silence);
  const waiting = Array.from({ length: 512 }, (_, index) => names.answer(query(`n${index}`), "udp", pods));
  t.equal(codeOf(await names.answer(query("one-more"), "udp", pods)), 2);
  t.equal(asked.length, 512);
  await turn();
  clock.advance(5000);
  t.same(new Set((await Promise.all(waiting)).map(codeOf)), new Set([2]));
});

void t.test("names of this machine's hosts file are found as this machine does", async (t) => {
  const hosts = { redis: [Buffer.of(127, 0, 0, 1)] };
  const { names, asked, table, told } = service(
    ["local:redis", "local:db"],
    records(a("@", "10.0.0.1")),
    hosts,
  );
  for (const name of ["redis", "redis.default.svc.cluster.local"])
    t.same(addresses(await names.answer(query(name), "udp", pods)), ["127.77.0.1"], name);
  t.same(asked, []);
  t.match(told[0], { where: "local", from: "file", because: "the rule local:redis names redis" });
  t.match(table.namesOf("127.77.0.1"), [{ name: "redis.default.svc.cluster.local", foundBy: "local" }, {}]);
  t.same(table.namesOf("127.0.0.1"), [], "the pod's localhost has no name by that");
  t.same(addresses(await names.answer(query("db"), "udp", pods)), ["10.0.0.1"], "not in the file");
  t.same(
    addresses(await names.answer(query("redis"), "udp", another)),
    ["10.0.0.1"],
    "a server that was named",
  );
});

void t.test("only answers from here tell of other loopback addresses", async (t) => {
  const six = aaaa("@", "00000000000000000000000000000001");
  const { names } = service(["local:redis"], ({ query }) => answerTo(query, { answer: [six] }));
  t.same(addresses(await names.answer(query("redis", "AAAA"), "udp", pods)), ["::ffff:7f4e:1"]);
  t.same(addresses(await names.answer(query("other", "AAAA"), "udp", pods)), ["::1"]);
});

void t.test("every address that is given has its name, from the cache as well", async (t) => {
  const { names, table, clock } = service(["local:nas"], records(a("@", "10.0.0.1", 86_400)));
  await names.answer(query("redis"), "udp", pods);
  await names.answer(query("nas"), "udp", pods);
  t.same(table.namesOf("10.0.0.1"), [
    { name: "nas", foundBy: "local" },
    { name: "redis", foundBy: "remote" },
  ]);
  clock.advance(1000);
  await names.answer(query("redis"), "udp", pods);
  t.match(table.namesOf("10.0.0.1")[0], { name: "redis" });
});

void t.test(
  "what is no question is not answered, what cannot be answered in one message is refused",
  async (t) => {
    const { names, asked } = service([], records());
    for (const garbage of [Buffer.alloc(0), Buffer.alloc(11), Buffer.alloc(40, 0xff), answerTo(query("x"))])
      t.equal(await names.answer(garbage, "udp", pods), undefined);
    t.equal(codeOf(await names.answer(query("zone.example", 252), "tcp", pods)), 4, "AXFR");
    t.same(asked, []);
    // Other messages are their server's business.
    const update = service(["local:redis"], ({ query }) => answerTo(query, { flags: 0x2800 }));
    t.equal(
      codeOf(await update.names.answer(query("redis", 6, { flags: 0x2800 }), "udp", pods)),
      0,
      "UPDATE",
    );
    t.equal(update.asked.length, 1);
    const unreadable = query("x");
    unreadable[12] = 0xc0;
    const formatError = service([], ({ query }) =>
      Buffer.concat([query.subarray(0, 2), Buffer.from("80010000000000000000", "hex")]),
    );
    t.equal(codeOf(await formatError.names.answer(unreadable, "udp", pods)), 1);
  },
);

/** Lets what was begun come to where it waits. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function codeOf(answer: Buffer | undefined): number {
  return answer === undefined ? -1 : responseCode(answer);
}
