import { errnoName } from "./kernel-error.ts";
import { lastErrno } from "./libc.ts";
import { Message } from "./message.ts";

/** MSG_DONTWAIT and MSG_NOSIGNAL (send(2)). */
const DO_NOT_WAIT = 0x40;
const NO_SIGNAL = 0x4000;
/** More than any datagram of UDP, and than several that are received as one (UDP_GRO, udp(7)). */
export const MAX_MESSAGE_BYTES = 65_536;
/** Of control messages (cmsg(3)) for each message. */
export const MAX_CONTROL_BYTES = 4096;

const message = new Message({ payloadBytes: MAX_MESSAGE_BYTES, controlBytes: MAX_CONTROL_BYTES });

/** What one recvmsg(2) gave. Its bytes are valid until the next call of this thread. */
export interface ReceivedMessage {
  readonly payload: Buffer;
  /** How long it was: more than `payload` when that was asked for by MSG_TRUNC. */
  readonly length: number;
  /** Whose, as struct sockaddr_in or sockaddr_in6. */
  readonly name: Buffer;
  readonly control: Buffer;
  /** MSG_TRUNC and so on. */
  readonly flags: number;
}

/**
 * Receives at once or not at all: `EAGAIN`. An errno's name where it fails.
 * @param room how many bytes the program has room for; the rest of a datagram is lost, as for itself
 */
export function receiveMessage(
  fd: number,
  { flags, room, controlRoom }: { room: number; controlRoom: number; flags: number },
): ReceivedMessage | string {
  const payloadBytes = Math.min(room, MAX_MESSAGE_BYTES);
  const controlBytes = Math.min(controlRoom, MAX_CONTROL_BYTES);
  const length = message.receive(fd, flags | DO_NOT_WAIT, { payloadBytes, controlBytes });
  if (length === -1) return errnoName(lastErrno());
  return {
    payload: message.payload.subarray(0, Math.min(length, payloadBytes)),
    length,
    name: message.name.subarray(0, message.nameBytes),
    control: message.control.subarray(0, message.controlBytes),
    flags: message.flags,
  };
}

/** Sends at once or not at all: `EAGAIN`. Gives how many bytes, or an errno's name where it fails. */
export function sendMessage(
  fd: number,
  { flags, ...parts }: { name: Uint8Array | null; payload: Uint8Array; control: Uint8Array; flags: number },
): number | string {
  if (parts.payload.length > MAX_MESSAGE_BYTES) return "EMSGSIZE";
  if (parts.control.length > MAX_CONTROL_BYTES) return "ENOBUFS";
  message.payload.set(parts.payload);
  message.control.set(parts.control);
  const nameBytes = Math.min(parts.name?.length ?? 0, message.name.length);
  if (parts.name !== null) message.name.set(parts.name.subarray(0, nameBytes));
  const { length } = parts.payload;
  const sent = message.send(fd, length, flags | DO_NOT_WAIT | NO_SIGNAL, parts.control.length, nameBytes);
  return sent === -1 ? errnoName(lastErrno()) : sent;
}
