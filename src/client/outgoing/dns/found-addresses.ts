import { addressOfBytes, formatIpAddress } from "../rules/index.ts";
import { ResponseCode, responseCode } from "./answer.ts";
import { readQuestion } from "./query.ts";
import { readRecords, RecordType, type WireRecord } from "./records.ts";
import { readName } from "./wire-name.ts";

/** An address in an answer, and under which names a program has it from there. */
export interface FoundAddress {
  /** A literal. */
  readonly address: string;
  /** The name that was asked for first, then those that stand for it (CNAME). */
  readonly names: readonly string[];
  readonly ttlSeconds: number;
}

/** Questions whose answers tell addresses of other names along with them (RFC 2782, RFC 9460 §4.1, RFC 1035 §3.3.9). */
const telling: ReadonlySet<number> = new Set([
  RecordType.SRV,
  RecordType.SVCB,
  RecordType.HTTPS,
  RecordType.MX,
]);

const familyBytes = new Map<number, number>([
  [RecordType.A, 4],
  [RecordType.AAAA, 16],
]);

/** More than any chain that resolvers follow. */
const MAX_CHAIN = 32;

/** The addresses that an answer gives for what was asked; none when it cannot be read. */
export function foundAddresses(answer: Buffer): FoundAddress[] {
  if (responseCode(answer) !== ResponseCode.noError) return [];
  const question = readQuestion(answer);
  const records = question === undefined ? undefined : readRecords(answer);
  if (question === undefined || records === undefined) return [];
  const chain = aliases(answer, question.name, records);
  const isTelling = telling.has(question.type);
  const found: FoundAddress[] = [];
  for (const record of records) {
    const { section, type, dataAt, dataEnd, ttlSeconds } = record;
    if (familyBytes.get(type) !== dataEnd - dataAt || section === "authority") continue;
    const owner = readName(answer, record.nameAt)?.name;
    if (owner === undefined) continue;
    const isAsked = section === "answer" && chain.includes(owner);
    if (!isAsked && !isTelling) continue;
    // What stands behind the owner in the chain is not its name.
    const names = isAsked ? chain.slice(0, chain.indexOf(owner) + 1) : [owner];
    found.push({
      address: formatIpAddress(addressOfBytes(answer.subarray(dataAt, dataEnd))),
      names,
      ttlSeconds,
    });
  }
  return found;
}

/** The name that was asked for, and from alias to alias what it stands for (RFC 1034 §3.6.2). */
function aliases(answer: Buffer, asked: string, records: readonly WireRecord[]): string[] {
  const next = new Map<string, string>();
  for (const { section, type, nameAt, dataAt } of records) {
    if (section !== "answer" || type !== RecordType.CNAME) continue;
    const owner = readName(answer, nameAt)?.name;
    const target = readName(answer, dataAt)?.name;
    if (owner !== undefined && target !== undefined && !next.has(owner)) next.set(owner, target);
  }
  const chain = [asked];
  for (let name = next.get(asked); name !== undefined; name = next.get(name)) {
    if (chain.includes(name) || chain.length >= MAX_CHAIN) break;
    chain.push(name);
  }
  return chain;
}
