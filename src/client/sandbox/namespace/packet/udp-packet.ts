import { addressBytes, type Endpoint } from "../../../../kernel/index.ts";
import { internetChecksum, pseudoHeaderSum } from "./checksum.ts";
import { newPacket, protocols } from "./ip-packet.ts";

const UDP_HEADER_BYTES = 8;
/** The largest length field (RFC 768); IPv4's own header comes off it too. */
const MAX_PACKET_BYTES = 65_535;

/** A datagram as a whole packet; undefined when it is too long for one, or its ends are of two families. */
export function datagramPacket({
  payload,
  from,
  to,
}: {
  payload: Uint8Array;
  from: Endpoint;
  to: Endpoint;
}): Buffer | undefined {
  const length = UDP_HEADER_BYTES + payload.length;
  const header = from.family === 4 ? 20 : 0;
  if (from.family !== to.family || header + length > MAX_PACKET_BYTES) return undefined;
  const ends = { source: addressBytes(from), destination: addressBytes(to) };
  const around = { ...ends, protocol: protocols.udp, payloadBytes: length };
  const packet = newPacket(around);
  packet.payload.writeUInt16BE(from.port, 0);
  packet.payload.writeUInt16BE(to.port, 2);
  packet.payload.writeUInt16BE(length, 4);
  packet.payload.set(payload, UDP_HEADER_BYTES);
  // RFC 768: zero says that there is no sum, which IPv4 allows; a sum of zero is sent as all ones.
  if (to.family === 6) {
    const sum = internetChecksum(packet.payload, pseudoHeaderSum(around));
    packet.payload.writeUInt16BE(sum === 0 ? 0xffff : sum, 6);
  }
  return packet.bytes;
}
