import { errnoName } from "./errno-name.ts";
import { ProtocolError } from "./errors.ts";
import type { WireAddress } from "./opening.ts";
import { ipVersion } from "./ip-literal.ts";

/**
 * How datagrams lie in the DATA of a `datagrams` stream, one behind the other, cut anywhere. Numbers in network order.
 *
 * ```
 * [u8 kind] [u8 address length] [u16 port] [u16 length] [address in ASCII] [length bytes]
 * ```
 *
 * | kind | address and port                           | bytes                                          |
 * |------|--------------------------------------------|------------------------------------------------|
 * | 1    | of the other side: whom it is to, or is from | the payload                                  |
 * | 2    | whom it is about; only from the agent      | an errno's name: what came back instead of an answer, or why a datagram did not leave |
 */
const DATAGRAM = 1;
const ERROR = 2;
const HEADER_BYTES = 6;
/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` (RFC 4291 §2.2). */
const MAX_ADDRESS_LENGTH = 45;
const MAX_ERRNO_LENGTH = 32;

/** Most that a datagram may carry: 65,535 without the headers of IP and UDP, of IPv6 those of UDP (RFC 768, RFC 8200 §3). */
export const MAX_DATAGRAM_BYTES = { 4: 65_507, 6: 65_527 } as const;

export interface Datagram extends WireAddress {
  readonly family: 4 | 6;
  readonly payload: Buffer;
}

export interface DatagramError extends WireAddress {
  readonly family: 4 | 6;
  readonly errno: string;
}

/** @throws ProtocolError `too-large` */
export function encodeDatagram({ address, port }: WireAddress, payload: Uint8Array): Buffer {
  if (payload.length > MAX_DATAGRAM_BYTES[address.includes(":") ? 6 : 4])
    throw new ProtocolError("too-large", `a datagram of ${payload.length} bytes`);
  return encode(DATAGRAM, { address, port }, payload);
}

/** What came back of a datagram to somebody. */
export function encodeDatagramError(about: WireAddress, errno: string): Buffer {
  return encode(ERROR, about, Buffer.from(errno, "latin1"));
}

function encode(kind: number, { address, port }: WireAddress, bytes: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(HEADER_BYTES + address.length + bytes.length);
  record[0] = kind;
  record[1] = address.length;
  record.writeUInt16BE(port, 2);
  record.writeUInt16BE(bytes.length, 4);
  record.write(address, HEADER_BYTES, "latin1");
  record.set(bytes, HEADER_BYTES + address.length);
  return record;
}

/** What a decoder gives. A payload may be kept. */
export interface DatagramSink {
  onDatagram(datagram: Datagram): void;
  onError(error: DatagramError): void;
}

/** Reads datagrams from DATA, whatever pieces it comes in. After an error nothing more is given. */
export class DatagramDecoder {
  readonly #sink: DatagramSink;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** What follows the header, when it came in pieces. */
  #rest: Buffer | undefined;
  #restBytes = 0;
  #kind = 0;
  #addressLength = 0;
  #port = 0;
  #length = 0;
  /** Datagrams of one sender follow each other. */
  #lastAddress = "";
  #lastFamily: 4 | 6 = 4;
  #isBroken = false;

  constructor(sink: DatagramSink) {
    this.#sink = sink;
  }

  /** @throws ProtocolError `bad-payload`, `bad-message` */
  push(chunk: Buffer): void {
    if (this.#isBroken) return;
    try {
      for (let at = 0; at < chunk.length; ) at = this.#read(chunk, at);
    } catch (error) {
      this.#isBroken = true;
      this.#rest = undefined;
      throw error;
    }
  }

  /** Reads on at an offset, and gives the one behind what was taken. */
  #read(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#headerBytes < HEADER_BYTES) {
      const taken = chunk.copy(this.#header, this.#headerBytes, at, at + HEADER_BYTES - this.#headerBytes);
      this.#headerBytes += taken;
      at += taken;
      if (this.#headerBytes < HEADER_BYTES) return at;
      this.#readHeader();
    }
    const restLength = this.#addressLength + this.#length;
    if (this.#rest === undefined && chunk.length - at >= restLength) {
      this.#give(chunk.subarray(at, at + restLength));
      return at + restLength;
    }
    this.#rest ??= Buffer.allocUnsafe(restLength);
    const taken = chunk.copy(this.#rest, this.#restBytes, at, at + restLength - this.#restBytes);
    this.#restBytes += taken;
    if (this.#restBytes === restLength) this.#give(this.#rest);
    return at + taken;
  }

  #readHeader(): void {
    const header = this.#header;
    this.#kind = header.readUInt8(0);
    this.#addressLength = header.readUInt8(1);
    this.#port = header.readUInt16BE(2);
    this.#length = header.readUInt16BE(4);
    if (this.#kind !== DATAGRAM && this.#kind !== ERROR)
      throw new ProtocolError("bad-payload", `${this.#kind} is no kind of datagram`);
    if (this.#addressLength < 2 || this.#addressLength > MAX_ADDRESS_LENGTH)
      throw new ProtocolError("bad-payload", `an address of ${this.#addressLength} bytes`);
    const limit = this.#kind === DATAGRAM ? MAX_DATAGRAM_BYTES[6] : MAX_ERRNO_LENGTH;
    if (this.#length > limit) throw new ProtocolError("bad-payload", `a datagram of ${this.#length} bytes`);
  }

  #give(rest: Buffer): void {
    const address = rest.toString("latin1", 0, this.#addressLength);
    const bytes = rest.subarray(this.#addressLength);
    this.#headerBytes = 0;
    this.#rest = undefined;
    this.#restBytes = 0;
    const about = { address, port: this.#port, family: this.#familyOf(address) };
    if (this.#kind === ERROR)
      return this.#sink.onError({ ...about, errno: errnoName(bytes.toString("latin1")) });
    if (bytes.length > MAX_DATAGRAM_BYTES[about.family])
      throw new ProtocolError("bad-payload", `a datagram of ${bytes.length} bytes`);
    this.#sink.onDatagram({ ...about, payload: bytes });
  }

  #familyOf(address: string): 4 | 6 {
    if (address === this.#lastAddress) return this.#lastFamily;
    const family = ipVersion(address);
    // A zone names an interface of one machine, RFC 4007 §11.
    if ((family !== 4 && family !== 6) || address.includes("%"))
      throw new ProtocolError("bad-payload", "a datagram's address must be an IP address");
    this.#lastAddress = address;
    this.#lastFamily = family;
    return family;
  }
}
