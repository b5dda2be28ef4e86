import { socketMessage } from "../../../../../kernel/index.ts";
import type { Caller, HeldCall, Verdict } from "../../../supervisor/index.ts";
import { intOf, writeAddress } from "../fast/socket-of-call.ts";
import { headerAt, type MemoryPart, readHeader, readParts } from "./program-header.ts";
import { lengthOf, MAX_MESSAGES, MMSGHDR_BYTES, MMSGHDR_COUNT_AT } from "./sending-call.ts";

/** recv(2) */
export const MSG_DONTWAIT = 0x40;
const MSG_ERRQUEUE = 0x2000;
const MSG_WAITFORONE = 0x1_0000;
/** Filters of ours see registers only: flags that mean nothing to recvmsg(2) are not passed on. */
const PASSED_FLAGS = ~(MSG_WAITFORONE | MSG_DONTWAIT);

/** A call that receives: recvfrom(2), recvmsg(2), recvmmsg(2). */
export interface ReceivingCall {
  readonly descriptor: number;
  readonly flags: number;
  /** Whether it takes several messages at once. */
  readonly isMany: boolean;
}

export function readReceivingCall({ name, args }: HeldCall): ReceivingCall {
  const flags = intOf(name === "recvmsg" ? args[2] : args[3]);
  return { descriptor: intOf(args[0]), flags, isMany: name === "recvmmsg" };
}

/** Whether it asks for errors, which have a queue of their own. */
export function asksForErrors({ flags }: ReceivingCall): boolean {
  return (flags & MSG_ERRQUEUE) !== 0;
}

/** Gives the address by which the program knows a sender; null when it has none. */
export type NameOfSender = (name: Buffer) => Uint8Array | null;

/**
 * Receives what is there, in place of the kernel, and puts it where the program wants it; senders are called as the program
 * knows them. Null when nothing is there yet.
 */
export function receiveFor(
  call: HeldCall,
  caller: Caller,
  socket: { readonly fd: number; readonly nameOf: NameOfSender },
): Verdict | null {
  const { flags, isMany } = readReceivingCall(call);
  const count = isMany ? Math.min(Number(BigInt.asUintN(32, call.args[2])), MAX_MESSAGES) : 1;
  let received = 0;
  for (; received < count; received++) {
    const room = roomOf(call, caller, received);
    if (room === null)
      return received > 0 ? { as: "value", value: received } : { as: "errno", errno: "EFAULT" };
    const message = socketMessage.receiveMessage(socket.fd, {
      room: lengthOf(room.parts),
      controlRoom: room.control.length,
      flags: flags & PASSED_FLAGS,
    });
    if (typeof message === "string") {
      if (received > 0) break;
      return message === "EAGAIN" ? null : { as: "errno", errno: message };
    }
    if (!putMessage(caller, room, message, socket.nameOf(message.name)))
      return received > 0 ? { as: "value", value: received } : { as: "errno", errno: "EFAULT" };
    if (!isMany) return { as: "value", value: message.length };
  }
  return { as: "value", value: received };
}

/** Where the program wants a message. */
interface MessageRoom {
  readonly parts: readonly MemoryPart[];
  readonly control: MemoryPart;
  /** Of its name: the address, and where its length stands and is to be written. */
  readonly name: { readonly address: bigint; readonly length: bigint } | null;
  /** Of a struct msghdr. */
  readonly header: bigint | null;
  readonly countAt: bigint | null;
}

function roomOf({ name, args }: HeldCall, caller: Caller, index: number): MessageRoom | null {
  if (name === "recvfrom") {
    return {
      parts: [{ address: args[1], length: Number(BigInt.asUintN(31, args[2])) }],
      control: { address: 0n, length: 0 },
      name: args[4] === 0n ? null : { address: args[4], length: args[5] },
      header: null,
      countAt: null,
    };
  }
  const at = args[1] + (name === "recvmmsg" ? BigInt(index) * MMSGHDR_BYTES : 0n);
  const header = readHeader(caller, at);
  const parts = header === null ? null : readParts(caller, header);
  if (header === null || parts === null || header.control.length < 0) return null;
  return {
    parts,
    control: header.control,
    name:
      header.name.address === 0n ? null : { address: header.name.address, length: at + headerAt.nameLength },
    header: at,
    countAt: name === "recvmmsg" ? at + MMSGHDR_COUNT_AT : null,
  };
}

function putMessage(
  caller: Caller,
  room: MessageRoom,
  message: socketMessage.ReceivedMessage,
  name: Uint8Array | null,
): boolean {
  let at = 0;
  for (const { address, length } of room.parts) {
    if (at >= message.payload.length) break;
    const part = message.payload.subarray(at, at + length);
    if (!caller.write(address, part)) return false;
    at += part.length;
  }
  if (room.name !== null && !writeAddress(caller, room.name, name ?? message.name)) return false;
  if (room.countAt !== null && !caller.write(room.countAt, word(message.length))) return false;
  if (room.header === null) return true;
  const controlLength = Buffer.alloc(8);
  controlLength.writeUInt32LE(message.control.length, 0);
  return (
    (message.control.length === 0 || caller.write(room.control.address, message.control)) &&
    caller.write(room.header + headerAt.controlLength, controlLength) &&
    caller.write(room.header + headerAt.flags, word(message.flags))
  );
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value, 0);
  return bytes;
}
