import { internetChecksum, pseudoHeaderSum } from "./checksum.ts";
import { addressBytesOf, type IpPacket, newPacket, protocols, readPacket } from "./ip-packet.ts";

/** Offsets in a TCP header (RFC 9293 §3.1). */
const SEQUENCE = 4;
const ACKNOWLEDGMENT = 8;
const DATA_OFFSET = 12;
const FLAGS = 13;
const CHECKSUM = 16;
const TCP_HEADER_BYTES = 20;
const RST_ACK = 0x14;

/** The first packet of a connection. */
export interface OpeningPacket extends IpPacket {
  /** Its initial sequence number: another one is another connection. */
  readonly sequence: number;
}

/** Reads a packet that opens a TCP connection; undefined when its headers are not all there. */
export function readOpening(bytes: Buffer): OpeningPacket | undefined {
  const packet = readPacket(bytes, { protocol: protocols.tcp, atLeast: TCP_HEADER_BYTES });
  if (packet === undefined) return undefined;
  const tcpBytes = ((bytes[packet.headerBytes + DATA_OFFSET] ?? 0) >> 4) * 4;
  if (tcpBytes < TCP_HEADER_BYTES || packet.headerBytes + tcpBytes > bytes.length) return undefined;
  return { ...packet, sequence: bytes.readUInt32BE(packet.headerBytes + SEQUENCE) };
}

/**
 * The same packet once more, with all its options, for the listener that it has not reached. Data it may have brought
 * (RFC 7413) is left out: its sender sends that again. Checksums are made anew, since on lo they were never made.
 */
export function openingAgain(opening: OpeningPacket): Buffer {
  const { source, destination } = addressBytesOf(opening);
  const tcpBytes = ((opening.bytes[opening.headerBytes + DATA_OFFSET] ?? 0) >> 4) * 4;
  const { bytes, payload } = newPacket({
    source,
    destination,
    protocol: protocols.tcp,
    payloadBytes: tcpBytes,
  });
  opening.bytes.copy(payload, 0, opening.headerBytes, opening.headerBytes + tcpBytes);
  seal(payload, source, destination);
  return bytes;
}

/** What a host answers where nobody listens (RFC 9293 §3.10.7.1). */
export function refusalOf(opening: OpeningPacket): Buffer {
  const { source, destination } = addressBytesOf(opening);
  const { bytes, payload } = newPacket({
    source: destination,
    destination: source,
    protocol: protocols.tcp,
    payloadBytes: TCP_HEADER_BYTES,
  });
  payload.writeUInt16BE(opening.destination.port, 0);
  payload.writeUInt16BE(opening.source.port, 2);
  payload.writeUInt32BE((opening.sequence + 1) >>> 0, ACKNOWLEDGMENT);
  payload[DATA_OFFSET] = (TCP_HEADER_BYTES / 4) << 4;
  payload[FLAGS] = RST_ACK;
  seal(payload, destination, source);
  return bytes;
}

function seal(payload: Buffer, source: Uint8Array, destination: Uint8Array): void {
  payload.writeUInt16BE(0, CHECKSUM);
  const around = { source, destination, protocol: protocols.tcp, payloadBytes: payload.length };
  payload.writeUInt16BE(internetChecksum(payload, pseudoHeaderSum(around)), CHECKSUM);
}
