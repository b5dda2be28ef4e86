import type { Caller, HeldCall } from "../../../supervisor/index.ts";
import { intOf } from "../fast/socket-of-call.ts";
import { type MemoryPart, readHeader, readParts } from "./program-header.ts";

/** A call that sends: sendto(2), sendmsg(2), sendmmsg(2). What it points to may change under our eyes, as it may under the kernel's. */
export interface SendingCall {
  readonly descriptor: number;
  readonly flags: number;
  readonly messages: readonly SentMessage[];
}

export interface SentMessage {
  /** To whom; null says: to whom the socket is connected. */
  readonly name: Buffer | null;
  readonly parts: readonly MemoryPart[];
  readonly control: MemoryPart;
  /** Where the number of bytes sent is to be written (struct mmsghdr). */
  readonly countAt: bigint | null;
}

/** UIO_MAXIOV: the kernel looks at no more messages at once (sendmmsg(2)). */
export const MAX_MESSAGES = 1024;
/** struct mmsghdr: a struct msghdr, and a count. */
export const MMSGHDR_BYTES = 64n;
export const MMSGHDR_COUNT_AT = 56n;
/** sizeof(struct sockaddr_storage) */
const MAX_NAME_BYTES = 128;

/** Null when it makes no sense or cannot be read: the kernel says which errno. */
export function readSendingCall(call: HeldCall, caller: Caller): SendingCall | null {
  const { args, name } = call;
  const descriptor = intOf(args[0]);
  if (name === "sendto") {
    const to = readName(caller, args[4], intOf(args[5]));
    if (to === undefined) return null;
    const parts = [{ address: args[1], length: Number(args[2]) }];
    const message = { name: to, parts, control: { address: 0n, length: 0 }, countAt: null };
    return { descriptor, flags: intOf(args[3]), messages: [message] };
  }
  if (name === "sendmsg") {
    const message = readMessage(caller, args[1], null, { needsParts: false });
    return message === null ? null : { descriptor, flags: intOf(args[2]), messages: [message] };
  }
  const messages: SentMessage[] = [];
  const count = Math.min(Number(BigInt.asUintN(32, args[2])), MAX_MESSAGES);
  for (let index = 0; index < count; index++) {
    const at = args[1] + BigInt(index) * MMSGHDR_BYTES;
    const message = readMessage(caller, at, at + MMSGHDR_COUNT_AT);
    // What was sent before it counts, as with the kernel.
    if (message === null) break;
    messages.push(message);
  }
  return messages.length === 0 ? null : { descriptor, flags: intOf(args[3]), messages };
}

/** Its bytes; null when they cannot be read. */
export function readPayload(caller: Caller, parts: readonly MemoryPart[]): Buffer | null {
  if (parts.length === 1 && parts[0] !== undefined) return caller.read(parts[0].address, parts[0].length);
  const read: Buffer[] = [];
  for (const { address, length } of parts) {
    const bytes = caller.read(address, length);
    if (bytes === null) return null;
    read.push(bytes);
  }
  return Buffer.concat(read);
}

/** How many bytes all parts have together. */
export function lengthOf(parts: readonly MemoryPart[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** @param needsParts of a message without a name; a single one of those is the kernel's. */
function readMessage(
  caller: Caller,
  at: bigint,
  countAt: bigint | null,
  { needsParts } = { needsParts: true },
): SentMessage | null {
  const header = readHeader(caller, at);
  if (header === null) return null;
  const name = readName(caller, header.name.address, header.name.length);
  const parts = needsParts || name !== null ? readParts(caller, header) : [];
  if (name === undefined || parts === null) return null;
  return { name, parts, control: header.control, countAt };
}

function readName(caller: Caller, address: bigint, length: number): Buffer | null | undefined {
  if (address === 0n || length === 0) return null;
  if (length < 0) return undefined;
  return caller.read(address, Math.min(length, MAX_NAME_BYTES)) ?? undefined;
}
