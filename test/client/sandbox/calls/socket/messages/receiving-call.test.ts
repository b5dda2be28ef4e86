import t from "tap";
import {
  closeDescriptor,
  encodeSockaddr,
  openLoopbackDatagrams,
  socketMessage,
} from "../../../../../../src/kernel/index.ts";
import { receiveFor } from "../../../../../../src/client/sandbox/calls/socket/messages/receiving-call.ts";
import type { HeldCall } from "../../../../../../src/client/sandbox/supervisor/index.ts";
import { ProgramMemory, words } from "../../../../../fixtures/program-memory.ts";

function stage(t: { teardown(action: () => void): void }) {
  const [receiver, sender] = [openLoopbackDatagrams(4), openLoopbackDatagrams(4)];
  t.teardown(() => closeDescriptor(receiver.fd));
  t.teardown(() => closeDescriptor(sender.fd));
  const name = encodeSockaddr(receiver.endpoint);
  const send = (text: string) =>
    socketMessage.sendMessage(sender.fd, {
      name,
      payload: Buffer.from(text),
      control: Buffer.alloc(0),
      flags: 0,
    });
  const memory = new ProgramMemory();
  const receive = (name: "recvfrom" | "recvmsg" | "recvmmsg", ...args: (bigint | number)[]) => {
    const six = Array.from({ length: 6 }, (_, index) => BigInt(args[index] ?? 0));
    // Six are there.
    const call: HeldCall = { id: 1n, tid: 1, name, args: six as unknown as HeldCall["args"] };
    return receiveFor(call, memory, { fd: receiver.fd, nameOf: () => Buffer.from("the sender's name") });
  };
  return { memory, send, receive };
}

void t.test("recvfrom: the sender's name is cut to the room there is, and its length told", (t) => {
  const { memory, send, receive } = stage(t);
  const [bytes, name, length] = [
    memory.put(Buffer.alloc(9)),
    memory.put(Buffer.alloc(10)),
    memory.put(words(10)),
  ];
  t.equal(receive("recvfrom", 3, bytes, 9, 0, name, length), null, "nothing is there");
  send("hello");
  t.same(receive("recvfrom", 3, bytes, 9, 0, name, length), { as: "value", value: 5 });
  t.equal(memory.read(bytes, 5)?.toString(), "hello");
  t.equal(memory.read(name, 10)?.toString(), "the sender");
  t.equal(memory.read(length, 4)?.readInt32LE(0), 17);
  t.end();
});

void t.test("recvmsg: parts are filled in turn, and the header says what came", (t) => {
  const { memory, send, receive } = stage(t);
  const [one, other] = [memory.put(Buffer.alloc(2)), memory.put(Buffer.alloc(5))];
  const name = memory.put(Buffer.alloc(32));
  const header = memory.put(words(name, 32, memory.put(words(one, 2, other, 5)), 2, 0, 0, 0xff));
  send("hello");
  t.same(receive("recvmsg", 3, header, 0), { as: "value", value: 5 });
  t.equal(memory.read(one, 2)?.toString(), "he");
  t.equal(memory.read(other, 3)?.toString(), "llo");
  t.equal(memory.read(header + 8n, 4)?.readInt32LE(0), 17);
  t.equal(memory.read(header + 48n, 4)?.readInt32LE(0), 0);
  t.end();
});

void t.test("recvmmsg: as many as are there", (t) => {
  const { memory, send, receive } = stage(t);
  const part = memory.put(Buffer.alloc(10));
  const vector = memory.put(words(part, 10));
  const header = words(0, 0, vector, 1, 0, 0, 0, 0);
  const headers = memory.put(Buffer.concat([header, header, header]));
  send("one");
  send("other");
  t.same(receive("recvmmsg", 3, headers, 3, 0), { as: "value", value: 2 });
  t.equal(memory.read(headers + 56n, 4)?.readInt32LE(0), 3);
  t.equal(memory.read(headers + 120n, 4)?.readInt32LE(0), 5);
  t.equal(receive("recvmmsg", 3, headers, 3, 0), null);
  t.end();
});

void t.test("memory that is not there is EFAULT", (t) => {
  const { memory, send, receive } = stage(t);
  send("hello");
  t.same(receive("recvfrom", 3, 1n, 9, 0, 0, 0), { as: "errno", errno: "EFAULT" });
  t.same(receive("recvmsg", 3, 1n, 0), { as: "errno", errno: "EFAULT" });
  t.equal(memory.bytes.indexOf("hello"), -1);
  t.end();
});
