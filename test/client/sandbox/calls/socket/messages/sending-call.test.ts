import t from "tap";
import {
  readPayload,
  readSendingCall,
} from "../../../../../../src/client/sandbox/calls/socket/messages/sending-call.ts";
import type { HeldCall } from "../../../../../../src/client/sandbox/supervisor/index.ts";
import { ProgramMemory, words } from "../../../../../fixtures/program-memory.ts";

function call(name: "sendto" | "sendmsg" | "sendmmsg", ...args: (bigint | number)[]): HeldCall {
  const six = Array.from({ length: 6 }, (_, index) => BigInt.asUintN(64, BigInt(args[index] ?? 0)));
  // Six are there.
  return { id: 1n, tid: 1, name, args: six as unknown as HeldCall["args"] };
}

void t.test("sendto: bytes, flags and whom", (t) => {
  const memory = new ProgramMemory();
  const [bytes, to] = [memory.put(Buffer.from("hello")), memory.put(Buffer.from("address"))];
  const sending = readSendingCall(call("sendto", 3, bytes, 5, 0x40, to, 7), memory);
  t.match(sending, { descriptor: 3, flags: 0x40 });
  const [message] = sending?.messages ?? [];
  t.equal(message?.name?.toString(), "address");
  t.equal(readPayload(memory, message?.parts ?? [])?.toString(), "hello");
  t.match(readSendingCall(call("sendto", 3, bytes, 5, 0, 0, 0), memory)?.messages, [{ name: null }]);
  t.end();
});

void t.test("sendmsg: parts are put together", (t) => {
  const memory = new ProgramMemory();
  const [one, other, to] = [Buffer.from("one "), Buffer.from("other"), Buffer.from("to")].map((b) =>
    memory.put(b),
  );
  const vector = memory.put(words(one ?? 0n, 4, other ?? 0n, 5));
  const header = memory.put(words(to ?? 0n, 2, vector, 2, 0, 0, 0));
  const [message] = readSendingCall(call("sendmsg", 3, header, 0), memory)?.messages ?? [];
  t.equal(message?.name?.toString(), "to");
  t.equal(readPayload(memory, message?.parts ?? [])?.toString(), "one other");
  t.end();
});

void t.test("sendmmsg: what can be read counts, each with the place of its count", (t) => {
  const memory = new ProgramMemory(200);
  const header = words(0, 0, 0, 0, 0, 0, 0, 0);
  const at = memory.put(Buffer.concat([header, header]));
  const sending = readSendingCall(call("sendmmsg", 3, at, 2 ** 31 - 1, 0), memory);
  t.same(
    sending?.messages.map(({ countAt }) => countAt),
    [at + 56n, at + 120n, at + 184n].slice(0, sending?.messages.length),
  );
  t.ok((sending?.messages.length ?? 0) >= 2);
  t.end();
});

void t.test("what cannot be read, or makes no sense, is the kernel's", (t) => {
  const memory = new ProgramMemory();
  const to = memory.put(Buffer.from("to"));
  t.equal(readSendingCall(call("sendto", 3, to, 1, 0, 1n, 16), memory), null);
  t.equal(readSendingCall(call("sendto", 3, to, 1, 0, to, -1), memory), null);
  t.equal(readSendingCall(call("sendmsg", 3, 1n, 0), memory), null);
  const tooMany = memory.put(words(to, 2, to, 1025, 0, 0, 0));
  t.equal(readSendingCall(call("sendmsg", 3, tooMany, 0), memory), null);
  const nowhere = memory.put(words(to, 2, 1, 1, 0, 0, 0));
  t.equal(readSendingCall(call("sendmsg", 3, nowhere, 0), memory), null);
  t.equal(readSendingCall(call("sendmmsg", 3, 1n, 1, 0), memory), null);
  t.end();
});
