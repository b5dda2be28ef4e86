import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { connect } from "node:net";
import t from "tap";
import { NameService, NameTable } from "../../../src/client/outgoing/dns/index.ts";
import { MessageFrames } from "../../../src/client/outgoing/dns/message-frames.ts";
import { ownTransport } from "../../../src/client/outgoing/dns/own-transport.ts";
import { outgoingRules } from "../../../src/client/outgoing/rules/index.ts";
import { type Answering, FakeNameServer } from "./dns/fake-name-server.ts";
import { a, answerTo, query } from "./dns/messages.ts";
import { NameFront } from "./dns/name-front.ts";

/** A program's way to a name server of the pod, which is on loopback here. */
async function stage(answering: Answering) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await FakeNameServer.open(answering));
  const table = new NameTable({ clock: { now: () => 0, after: () => () => undefined } });
  const names = stack.use(
    new NameService({
      rules: outgoingRules([], []),
      table,
      podServers: [server.endpoint],
      remote: ownTransport,
    }),
  );
  const front = stack.use(await NameFront.open({ service: names, server: server.endpoint }));
  const port = Number(front.at.split(":")[1]);
  return { server, table, at: front.at, port, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

void t.test("a resolver of another make is served over UDP, and over TCP what is too long", async (t) => {
  const many = Array.from({ length: 300 }, (_, index) => a("@", `10.0.${index >> 8}.${index & 255}`));
  await using front = await stage((asked, via) => {
    if (asked.includes("nobody")) return answerTo(asked, { code: 3 });
    const isLong = asked.includes("long");
    if (isLong && via === "udp") return answerTo(asked, { flags: 0x0200 });
    return answerTo(asked, isLong ? { answer: many } : { answer: [a("@", "10.1.2.3")] });
  });
  const resolver = new Resolver({ timeout: 5000, tries: 1 });
  resolver.setServers([front.at]);
  t.same(await resolver.resolve4("redis.example"), ["10.1.2.3"]);
  t.equal((await resolver.resolve4("long.example")).length, 300);
  t.match(front.table.namesOf("10.0.1.1"), [{ name: "long.example" }]);
  await t.rejects(resolver.resolve4("nobody.example"), { code: "ENOTFOUND" });
});

void t.test("questions of one connection are answered as answers come, and all before it ends", async (t) => {
  await using front = await stage((asked) => (asked.includes("slow") ? undefined : answerTo(asked)));
  const socket = connect(front.port, "127.0.0.1");
  const questions = ["a", "b", "c"].map((name, id) => MessageFrames.framed(query(name, "A", { id })));
  // In pieces, and with the end right behind.
  const all = Buffer.concat(questions);
  socket.write(all.subarray(0, 5));
  socket.end(all.subarray(5));
  const frames = new MessageFrames();
  const ids: (number | undefined)[] = [];
  for await (const chunk of socket)
    ids.push(...frames.push(chunk as Buffer).map((message) => message.readUInt16BE(0)));
  t.same(new Set(ids), new Set([0, 1, 2]));
});

void t.test(
  "a program that speaks something else, or goes, ends its connection and nothing else",
  async (t) => {
    await using front = await stage(() => undefined);
    for (const garbage of [
      Buffer.from([0, 0]),
      MessageFrames.framed(answerTo(query("x"))),
      Buffer.alloc(20, 0xff),
    ]) {
      const socket = connect(front.port, "127.0.0.1");
      socket.on("error", () => undefined);
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.resume();
      socket.write(garbage);
      if (garbage[0] === 0xff) socket.end(); // A message that never comes whole.
      await closed;
    }
    const gone = connect(front.port, "127.0.0.1");
    gone.write(MessageFrames.framed(query("x")));
    await once(gone, "connect");
    gone.resetAndDestroy();
    await once(gone, "close");
    t.pass();
  },
);
