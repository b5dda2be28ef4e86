import { isTruncated, ResponseCode, responseCode } from "./answer.ts";
import type { Question } from "./query.ts";
import { readRecords, RecordType, type WireRecord } from "./records.ts";
import { skipName } from "./wire-name.ts";

/** How long an answer may be given again, and where in it times have to be counted down. */
export interface AnswerLifetime {
  readonly seconds: number;
  /** Places of the records' TTLs. */
  readonly ttlAt: readonly number[];
}

/** What a server claims for longer may have changed by then (RFC 8767 §4 has seven days; a day is long for a program at hand). */
const MAX_SECONDS = 86_400;
/** That there is nothing is believed for less long (RFC 2308 §5). */
const MAX_NEGATIVE_SECONDS = 10_800;

/**
 * Gives the lifetime of an answer: the least TTL that is in it. That a name or a type is not there lives as the zone's SOA says
 * (RFC 2308 §5). Undefined is an answer that is not kept: it failed, is cut, has a TTL of zero, or cannot be read.
 */
export function answerLifetime(question: Question, answer: Buffer): AnswerLifetime | undefined {
  const code = responseCode(answer);
  if (isTruncated(answer) || (code !== ResponseCode.noError && code !== ResponseCode.nameError))
    return undefined;
  const all = readRecords(answer);
  if (all === undefined) return undefined;
  // The TTL of OPT is none; its upper byte belongs to the response code (RFC 6891 §6.1.3).
  if (all.some(({ type, ttlAt }) => type === RecordType.OPT && answer[ttlAt] !== 0)) return undefined;
  const records = all.filter(({ type }) => type !== RecordType.OPT);
  const isFound = (record: WireRecord) =>
    record.section === "answer" && (record.type === question.type || question.type === RecordType.ANY);
  const isNegative = code === ResponseCode.nameError || !records.some(isFound);
  const negative = isNegative ? negativeSeconds(answer, records) : MAX_SECONDS;
  const seconds = Math.min(MAX_SECONDS, negative, ...records.map(({ ttlSeconds }) => ttlSeconds));
  return seconds > 0 ? { seconds, ttlAt: records.map(({ ttlAt }) => ttlAt) } : undefined;
}

function negativeSeconds(answer: Buffer, records: readonly WireRecord[]): number {
  const soa = records.find(({ section, type }) => section === "authority" && type === RecordType.SOA);
  if (soa === undefined) return 0;
  const mailbox = skipName(answer, soa.dataAt);
  const numbers = mailbox === undefined ? undefined : skipName(answer, mailbox);
  // Serial, refresh, retry, expire, minimum (RFC 1035 §3.3.13).
  if (numbers === undefined || numbers + 20 !== soa.dataEnd) return 0;
  return Math.min(answer.readUInt32BE(numbers + 16), MAX_NEGATIVE_SECONDS);
}
