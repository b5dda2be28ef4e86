import { Flag, type Query, readQuestion } from "./query.ts";
import { HEADER_BYTES } from "./wire-name.ts";

/** Response codes (RFC 1035 §4.1.1). */
export const ResponseCode = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const;

/** Of an answer; without the bits that EDNS adds. */
export function responseCode(answer: Buffer): number {
  return answer.readUInt16BE(2) & 0xf;
}

export function isTruncated(answer: Buffer): boolean {
  return (answer.readUInt16BE(2) & Flag.TC) !== 0;
}

/**
 * Whether a message is the answer to this query: its id, and its question, in any case of letters. A server that could not read the
 * question, or will not, may leave it out.
 */
export function isAnswerTo({ id, opcode, question }: Query, message: Buffer): boolean {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== id) return false;
  const flags = message.readUInt16BE(2);
  if ((flags & Flag.QR) === 0 || ((flags >> 11) & 0xf) !== opcode) return false;
  if (message.readUInt16BE(4) === 0)
    return ![ResponseCode.noError, ResponseCode.nameError].some((code) => code === responseCode(message));
  if (question === undefined) return true;
  const answered = readQuestion(message);
  return (
    answered?.name === question.name &&
    answered.type === question.type &&
    answered.class === question.class &&
    answered.end === question.end
  );
}

/** An answer that was meant for one asker, for another with the same question: with that one's id and spelling of the name. */
export function readdressed(answer: Buffer, { id, message, question }: Query): Buffer {
  const copy = Buffer.from(answer);
  copy.writeUInt16BE(id, 0);
  if (question !== undefined && copy.readUInt16BE(4) === 1)
    message.copy(copy, HEADER_BYTES, HEADER_BYTES, question.end);
  return copy;
}

/** An answer without records: what went wrong. */
export function failure(query: Query, code: number): Buffer {
  return ownAnswer(query, { flags: code, records: [] });
}

/** Says that the answer does not fit, so that it is asked for over TCP (RFC 2181 §9). */
export function truncated(query: Query): Buffer {
  return ownAnswer(query, { flags: Flag.TC, records: [] });
}

/** Longest time that an answer of our own is good for. */
const OWN_TTL_SECONDS = 5;

/** Addresses from a file: each 4 or 16 bytes as the question's type wants it. None says that the name has none of this type. */
export function addressAnswer(query: Query, addresses: readonly Buffer[]): Buffer {
  const type = query.question?.type ?? 0;
  const records = addresses.map((address) => {
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(query.question?.class ?? 0, 4);
    head.writeUInt32BE(OWN_TTL_SECONDS, 6);
    head.writeUInt16BE(address.length, 10);
    return Buffer.concat([head, address]);
  });
  return ownAnswer(query, { flags: 0, records });
}

/** Who asks with EDNS is answered with it (RFC 6891 §6.1.1); this size passes every network in one piece. */
const OWN_UDP_BYTES = 1232;

function ownAnswer(query: Query, { flags, records }: { flags: number; records: readonly Buffer[] }): Buffer {
  const { message, question, edns } = query;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(query.id, 0);
  const kept = message.readUInt16BE(2) & (0x7800 | Flag.RD | Flag.CD);
  header.writeUInt16BE(Flag.QR | Flag.RA | kept | flags, 2);
  header.writeUInt16BE(question === undefined ? 0 : 1, 4);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt16BE(edns === undefined ? 0 : 1, 10);
  const asked = question === undefined ? [] : [message.subarray(HEADER_BYTES, question.end)];
  return Buffer.concat([header, ...asked, ...records, ...(edns === undefined ? [] : [ownOption(edns)])]);
}

function ownOption({ dnssecOk }: { dnssecOk: boolean }): Buffer {
  const option = Buffer.alloc(11);
  option.writeUInt16BE(41, 1);
  option.writeUInt16BE(OWN_UDP_BYTES, 3);
  option.writeUInt16BE(dnssecOk ? 0x8000 : 0, 7);
  return option;
}
