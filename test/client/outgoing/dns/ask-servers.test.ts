import t from "tap";
import { answerTo, query } from "./messages.ts";
import {
  ALL_ATTEMPTS_MS,
  askServers,
  NEXT_ATTEMPT_MS,
} from "../../../../src/client/outgoing/dns/ask-servers.ts";
import type { SentQuestion } from "../../../../src/client/outgoing/dns/name-transport.ts";
import { ManualClock } from "../../../tunnel/manual-clock.ts";

interface Sent {
  readonly server: string;
  readonly question: SentQuestion;
  readonly answer: (code?: number) => void;
  readonly fail: () => void;
}

const asked = query("redis");

function ask(addresses: readonly string[], via: "udp" | "tcp" = "udp") {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const over = new AbortController();
  const transport = (question: SentQuestion): Promise<Buffer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    sent.push({
      server: question.server.address,
      question,
      answer: (code = 0) => resolve(answerTo(asked, { code })),
      fail: () => reject(new Error("refused")),
    });
    return promise;
  };
  const servers = addresses.map((address) => ({ family: 4, address, port: 53 }) as const);
  const { signal } = over;
  const answered = askServers({ servers, transport, query: asked, via, isAnswer: () => true, clock, signal });
  return { clock, sent, over, answered };
}

/** Lets what was settled be seen. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

void t.test("a datagram that may be lost is sent again, and an answer to either one counts", async (t) => {
  const { clock, sent, answered } = ask(["a"]);
  t.equal(sent.length, 1);
  clock.advance(NEXT_ATTEMPT_MS);
  t.equal(sent.length, 2);
  sent[0]?.answer();
  t.equal((await answered)?.length, asked.length);
  t.ok(
    sent.every(({ question }) => question.signal.aborted),
    "nobody waits any more",
  );
  clock.advance(10_000);
  t.equal(sent.length, 2);
});

void t.test("without an answer it ends, before a resolver has given up", async (t) => {
  const { clock, sent, answered } = ask(["a"]);
  clock.advance(ALL_ATTEMPTS_MS);
  t.equal(await answered, undefined);
  t.equal(sent.length, 3);
  t.ok(ALL_ATTEMPTS_MS < 5000, "resolv.conf(5): timeout");
});

void t.test("a server that cannot be asked, or knows nothing, is passed over at once", async (t) => {
  const { sent, answered } = ask(["a", "b", "c"]);
  sent[0]?.fail();
  await turn();
  t.equal(sent[1]?.server, "b");
  sent[1]?.answer(2);
  await turn();
  t.equal(sent[2]?.server, "c");
  sent[2]?.answer(3);
  t.equal((await answered)?.readUInt16BE(2), 0x8183, "NXDOMAIN says something");
});

void t.test(
  "what the last server says is given when none says more, and no server is asked twice for that",
  async (t) => {
    const { sent, answered } = ask(["a"]);
    sent[0]?.answer(5);
    t.equal((await answered)?.readUInt16BE(2), 0x8185);
    t.equal(sent.length, 1);
    const refused = ask(["a"]);
    refused.sent[0]?.fail();
    t.equal(await refused.answered, undefined);
  },
);

void t.test("over TCP each server is asked once", async (t) => {
  const { clock, sent, answered } = ask(["a", "b"], "tcp");
  clock.advance(NEXT_ATTEMPT_MS);
  t.same(
    sent.map(({ server }) => server),
    ["a", "b"],
  );
  clock.advance(NEXT_ATTEMPT_MS);
  sent[0]?.answer();
  t.ok(await answered);
  t.equal(sent.length, 2);
});

void t.test("nobody is asked any more when it is given up", async (t) => {
  const { sent, over, answered } = ask(["a"]);
  over.abort();
  t.equal(await answered, undefined);
  t.ok(sent[0]?.question.signal.aborted);
});
