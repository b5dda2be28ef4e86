import { HEADER_BYTES, skipName } from "./wire-name.ts";

/** Types of records that are looked into (IANA, DNS Resource Record TYPEs). */
export const RecordType = {
  A: 1,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  SVCB: 64,
  HTTPS: 65,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const;

/** One record as it lies in a message (RFC 1035 §4.1.3). */
export interface WireRecord {
  readonly section: "answer" | "authority" | "additional";
  /** Where its owner's name begins. */
  readonly nameAt: number;
  readonly type: number;
  readonly class: number;
  readonly ttlAt: number;
  readonly ttlSeconds: number;
  readonly dataAt: number;
  readonly dataEnd: number;
}

const sections = ["answer", "authority", "additional"] as const;

/** Where the first record begins, behind one question; undefined when there is another number of questions, or none is whole. */
export function endOfQuestion(message: Buffer): number | undefined {
  if (message.length < HEADER_BYTES || message.readUInt16BE(4) !== 1) return undefined;
  const end = skipName(message, HEADER_BYTES);
  return end !== undefined && end + 4 <= message.length ? end + 4 : undefined;
}

/** All records behind one question; undefined when a message is not whole. Steps are bounded by its length. */
export function readRecords(message: Buffer): WireRecord[] | undefined {
  let at = endOfQuestion(message);
  if (at === undefined) return undefined;
  const records: WireRecord[] = [];
  for (const [index, section] of sections.entries()) {
    for (let left = message.readUInt16BE(6 + index * 2); left > 0; left--) {
      const nameAt: number = at;
      const nameEnd = skipName(message, nameAt);
      if (nameEnd === undefined || nameEnd + 10 > message.length) return undefined;
      const dataAt = nameEnd + 10;
      const dataEnd = dataAt + message.readUInt16BE(nameEnd + 8);
      if (dataEnd > message.length) return undefined;
      const ttl = message.readUInt32BE(nameEnd + 4);
      records.push({
        section,
        nameAt,
        type: message.readUInt16BE(nameEnd),
        class: message.readUInt16BE(nameEnd + 2),
        ttlAt: nameEnd + 4,
        // RFC 2181 §8: with the highest bit set it is zero.
        ttlSeconds: ttl > 0x7fff_ffff ? 0 : ttl,
        dataAt,
        dataEnd,
      });
      at = dataEnd;
    }
  }
  return records;
}
