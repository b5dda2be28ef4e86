import { spawn } from "node:child_process";
import { openSync, readSync, writeFileSync } from "node:fs";
import t from "tap";
import { closeDescriptor, DescriptorChannel, openChannelPair } from "../../src/kernel/index.ts";
import { inTime } from "../fixtures/in-time.ts";
import { openFiles } from "../fixtures/proc.ts";

function openPair(): [DescriptorChannel, DescriptorChannel] {
  const [one, other] = openChannelPair();
  return [new DescriptorChannel(one), new DescriptorChannel(other)];
}

void t.test(
  "unix(7): messages keep their bounds and order, and descriptors are the same files under new numbers",
  async (t) => {
    const before = openFiles(process.pid);
    const [one, other] = openPair();
    const path = `${t.testdir()}/file`;
    writeFileSync(path, "content");
    const file = openSync(path, "r");
    one.send({ text: "first" });
    one.send({ text: "sécond", descriptors: [file, file] });
    t.same(other.receive(), { text: "first", descriptors: [] });
    const second = other.receive();
    t.equal(second?.text, "sécond");
    const [copy = -1, again = -1] = second?.descriptors ?? [];
    t.equal(new Set([file, copy, again]).size, 3);
    const bytes = Buffer.alloc(7);
    readSync(copy, bytes, 0, 7, 0);
    t.equal(bytes.toString(), "content");
    for (const descriptor of [file, copy, again]) closeDescriptor(descriptor);
    one.close();
    one.close();
    t.equal(other.receive(), undefined, "the end, when the other one is closed");
    other.close();
    t.equal(openFiles(process.pid), before);
  },
);

void t.test("what is too large is refused, and nothing of it sent", async (t) => {
  const [one, other] = openPair();
  t.throws(() => one.send({ text: "x".repeat(16 * 1024 + 1) }), { code: "EMSGSIZE" });
  t.throws(() => one.send({ text: "x", descriptors: Array<number>(65).fill(1) }), { code: "EMSGSIZE" });
  t.equal(other.receiveWithin(1), undefined);
  one.send({ text: "x".repeat(16 * 1024), descriptors: Array<number>(64).fill(1) });
  const message = other.receive();
  t.equal(message?.text.length, 16 * 1024);
  t.equal(message?.descriptors.length, 64);
  for (const descriptor of message?.descriptors ?? []) closeDescriptor(descriptor);
  other.close();
  t.throws(() => one.send({ text: "nobody" }), { code: "EPIPE" });
  one.close();
  t.throws(() => one.send({ text: "closed" }), { code: "EPIPE" });
});

void t.test(
  "a listener is told of each message, and once of the end, also when the other process is killed",
  async (t) => {
    const [ours, theirs] = openChannelPair();
    const script = "require('fs').writeSync(3, 'hello'); setInterval(() => {}, 60_000)";
    const peer = spawn(process.execPath, ["--eval", script], {
      stdio: ["ignore", "ignore", "inherit", theirs],
    });
    t.teardown(() => peer.kill("SIGKILL"));
    closeDescriptor(theirs);
    const channel = new DescriptorChannel(ours);
    const told: string[] = [];
    const first = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    channel.listen({
      onMessage: ({ text }) => {
        told.push(text);
        first.resolve();
      },
      onEnd: () => {
        told.push("end");
        end.resolve();
      },
    });
    await inTime(first.promise, "the first message");
    peer.kill("SIGKILL");
    await inTime(end.promise, "the end");
    t.same(told, ["hello", "end"]);
  },
);
