import { endOfQuestion, readRecords, RecordType } from "./records.ts";
import { HEADER_BYTES, readName } from "./wire-name.ts";

/** What a message asks. */
export interface Query {
  /** As it came. */
  readonly message: Buffer;
  readonly id: number;
  /** 0 is a question; others change zones or tell of changes. */
  readonly opcode: number;
  /** Undefined when there is no single one that can be read. */
  readonly question: Question | undefined;
  /** What the asker says of itself beside (RFC 6891); undefined when it does not. */
  readonly edns: { readonly udpBytes: number; readonly dnssecOk: boolean } | undefined;
  /** Nobody else would be answered otherwise: no cookie, signature or address of the asker is in it. */
  readonly isImpersonal: boolean;
}

export interface Question {
  /** As `WireName` writes it. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Where what follows it begins. */
  readonly end: number;
}

/** Bits of the header's second word (RFC 1035 §4.1.1, RFC 4035 §3). */
export const Flag = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;

/** Without EDNS an answer over UDP has at most so many bytes (RFC 1035 §4.2.1). */
const MIN_UDP_BYTES = 512;

/** Reads a query; undefined when it is none, so that nothing is to be answered: too short for a header, or an answer itself. */
export function readQuery(message: Buffer): Query | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const flags = message.readUInt16BE(2);
  if ((flags & Flag.QR) !== 0) return undefined;
  const records = readRecords(message);
  const [first, ...others] = records ?? [];
  const option = records?.find(({ type }) => type === RecordType.OPT);
  const isPlainOption = first !== undefined && first === option && first.dataAt === first.dataEnd;
  return {
    message,
    id: message.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    question: readQuestion(message),
    edns: option && {
      udpBytes: Math.max(option.class, MIN_UDP_BYTES),
      dnssecOk: (message.readUInt16BE(option.ttlAt + 2) & 0x8000) !== 0,
    },
    isImpersonal: records !== undefined && (first === undefined || isPlainOption) && others.length === 0,
  };
}

/** How many bytes an answer over UDP may have. */
export function udpRoom({ edns }: Query): number {
  return edns?.udpBytes ?? MIN_UDP_BYTES;
}

/** The one question of a message; undefined when there is none, or another number. */
export function readQuestion(message: Buffer): Question | undefined {
  const end = endOfQuestion(message);
  const name = end === undefined ? undefined : readName(message, HEADER_BYTES);
  if (end === undefined || name === undefined) return undefined;
  return { name: name.name, type: message.readUInt16BE(end - 4), class: message.readUInt16BE(end - 2), end };
}
