import { SOCKADDR_BYTES } from "./endpoint.ts";
import { addressOf } from "./libc-process.ts";
import { recvmsg, sendmsg } from "./libc-socket.ts";

/** struct msghdr and struct iovec, in bytes, where pointers have eight (recvmsg(2)). */
const MSGHDR_BYTES = 56;
const IOVEC_BYTES = 16;
/** struct cmsghdr in front of each piece of control data; pieces begin at multiples of eight (cmsg(3)). */
const CMSG_HEADER_BYTES = 16;

const NAME = { at: 0, length: 8 } as const;
const VECTOR = { at: 16, count: 24 } as const;
const CONTROL = { at: 32, length: 40 } as const;
const FLAGS_AT = 48;

/** MSG_TRUNC and MSG_CTRUNC: something did not fit (recvmsg(2)). */
const MSG_TRUNC = 0x20;
const MSG_CTRUNC = 0x8;

/**
 * Room for one message of sendmsg(2) and recvmsg(2): bytes, an address and control data. It is used again and again;
 * what it holds is valid until the next call.
 */
export class Message {
  /** Bytes of the message. */
  readonly payload: Buffer;
  /** struct sockaddr of the peer. */
  readonly name: Buffer;
  /** Control data, as cmsg(3) lays it out. */
  readonly control: Buffer;
  readonly #header: Buffer;
  /** The same memory, as the call takes it. */
  readonly #structure: BigUint64Array;
  readonly #vector: Buffer;

  constructor({ payloadBytes, controlBytes }: { payloadBytes: number; controlBytes: number }) {
    // One piece of memory that does not move: the header points into it.
    const parts = [MSGHDR_BYTES, IOVEC_BYTES, SOCKADDR_BYTES + 4, controlBytes, payloadBytes];
    const memory = Buffer.from(new ArrayBuffer(parts.reduce((sum, bytes) => sum + ((bytes + 7) & ~7), 0)));
    let at = 0;
    const take = (bytes: number): Buffer => {
      const part = memory.subarray(at, at + bytes);
      at += (bytes + 7) & ~7;
      return part;
    };
    this.#structure = new BigUint64Array(memory.buffer, 0, MSGHDR_BYTES / 8);
    this.#header = take(MSGHDR_BYTES);
    this.#vector = take(IOVEC_BYTES);
    this.name = take(SOCKADDR_BYTES);
    this.control = take(controlBytes);
    this.payload = take(payloadBytes);
    this.#header.writeBigUInt64LE(addressOf(this.name), NAME.at);
    this.#header.writeBigUInt64LE(addressOf(this.#vector), VECTOR.at);
    this.#header.writeUInt32LE(1, VECTOR.count);
    this.#header.writeBigUInt64LE(addressOf(this.control), CONTROL.at);
    this.#vector.writeBigUInt64LE(addressOf(this.payload), 0);
  }

  /** Gives the number of bytes received, or -1: then `errno` says why. @param room for less than there is */
  receive(
    fd: number,
    flags: number,
    room: { payloadBytes: number; controlBytes: number } = {
      payloadBytes: this.payload.length,
      controlBytes: this.control.length,
    },
  ): number {
    this.#lengths(this.name.length, room.payloadBytes, room.controlBytes);
    return recvmsg(fd, this.#structure, flags);
  }

  /** Sends the first bytes of `payload`, to whom the socket is connected or to `name`. Gives -1 on failure. */
  send(fd: number, payloadBytes: number, flags: number, controlBytes = 0, nameBytes = 0): number {
    this.#lengths(nameBytes, payloadBytes, controlBytes);
    return sendmsg(fd, this.#structure, flags);
  }

  /** How many bytes of `name` the last message had; more than there is room for where it was cut. */
  get nameBytes(): number {
    return this.#header.readUInt32LE(NAME.length);
  }

  /** And of `control`. */
  get controlBytes(): number {
    return this.#header.readUInt32LE(CONTROL.length);
  }

  /** MSG_TRUNC and so on, of the last message. */
  get flags(): number {
    return this.#header.readInt32LE(FLAGS_AT);
  }

  /** Whether the last message received was cut. */
  get isCut(): boolean {
    return (this.#header.readUInt32LE(FLAGS_AT) & (MSG_TRUNC | MSG_CTRUNC)) !== 0;
  }

  /** The piece of control data of this kind that came with the last message. */
  controlData(level: number, type: number): Buffer | undefined {
    const end = this.#header.readUInt32LE(CONTROL.length);
    for (let at = 0; at + CMSG_HEADER_BYTES <= end; ) {
      const length = this.control.readUInt32LE(at);
      if (length < CMSG_HEADER_BYTES || at + length > end) return undefined;
      if (this.control.readUInt32LE(at + 8) === level && this.control.readUInt32LE(at + 12) === type)
        return this.control.subarray(at + CMSG_HEADER_BYTES, at + length);
      at += (length + 7) & ~7;
    }
    return undefined;
  }

  /** Lays one piece of control data out, and gives how many bytes of it are to be sent. */
  writeControl(level: number, type: number, data: Uint8Array): number {
    this.control.writeBigUInt64LE(BigInt(CMSG_HEADER_BYTES + data.length), 0);
    this.control.writeUInt32LE(level, 8);
    this.control.writeUInt32LE(type, 12);
    this.control.set(data, CMSG_HEADER_BYTES);
    return (CMSG_HEADER_BYTES + data.length + 7) & ~7;
  }

  #lengths(name: number, payload: number, control: number): void {
    this.#header.writeUInt32LE(name, NAME.length);
    this.#vector.writeUInt32LE(payload, 8);
    this.#header.writeUInt32LE(control, CONTROL.length);
    this.#header.writeUInt32LE(0, FLAGS_AT);
  }
}
