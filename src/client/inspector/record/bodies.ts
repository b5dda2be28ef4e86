import { codingsOf, decodeContent } from "../../compare/content-decoding.ts";
import type { BodyFacts, BodySide, HeaderLine } from "../page-contract.ts";
import { linesOfRequest, mediaTypeOf, readKeptAnswer, valueIn } from "./heads.ts";
import type { KeptContent } from "./kept-content.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import type { RequestStore } from "./request-store.ts";

/** Content that is packed is unpacked up to here. */
const maxUnpackedBytes = 32 * 1024 * 1024;

/** What of a body there is, content codings undone where that can be. */
export interface ReadBody {
  /** Null when nothing is kept of it. */
  readonly bytes: Buffer | null;
  readonly facts: BodyFacts;
}

/** One side of a request, before it is read. */
interface Side {
  readonly content: KeptContent;
  readonly headers: readonly HeaderLine[];
}

/** Reads one body of a request; undefined where there is no such side. */
export async function readBody(
  store: RequestStore,
  request: RecordedRequest,
  of: BodySide,
  { decodes } = { decodes: true },
): Promise<ReadBody | undefined> {
  const side = sideOf(request, of);
  if (side === undefined) return undefined;
  const { content, headers } = side;
  const type = valueIn(headers, "content-type") ?? "";
  const facts = { bytes: content.bytes, type };
  if (request.row.headsOnly)
    return {
      bytes: null,
      facts: { ...facts, ...nothing("the app answered, and nothing of the content was seen here") },
    };
  const kept = await content.read(store.log);
  if (kept === undefined)
    return {
      bytes: null,
      facts: { ...facts, ...nothing("it was let go for room: newer content is kept in its place") },
    };
  const whyNotKept = content.isCut
    ? `only the first ${content.keptBytes} of ${content.bytes} bytes are kept`
    : null;
  const codings = codingsOf(
    headers.filter(([name]) => name.toLowerCase() === "content-encoding").map(([, value]) => value),
  );
  const isPlain = codings.length === 0 || !decodes || kept.length === 0;
  const unpacked = isPlain ? undefined : decodeContent(kept, codings, maxUnpackedBytes);
  const bytes = unpacked !== undefined && "bytes" in unpacked ? unpacked.bytes : kept;
  const decoded = unpacked !== undefined && "bytes" in unpacked ? codings.join(", ") : null;
  return { bytes, facts: { ...facts, keptBytes: content.keptBytes, decoded, whyNotKept } };
}

function nothing(whyNotKept: string) {
  return { keptBytes: 0, decoded: null, whyNotKept };
}

function sideOf(request: RecordedRequest, of: BodySide): Side | undefined {
  const { imported } = request;
  if (of === "request")
    return { content: request.content, headers: imported?.request.headers ?? linesOfRequest(request.head) };
  const answer = of === "answer" ? request.answer : request.other;
  if (answer === undefined) return undefined;
  const told = of === "answer" ? imported?.answer : imported?.otherAnswer;
  const headers = told?.headers ?? readKeptAnswer(answer.head, request.row.method)?.headers ?? [];
  return { content: answer.content, headers };
}

/** Of which type it is said to be, in lower case without parameters. */
export function typeOfBody(facts: BodyFacts): string {
  return mediaTypeOf(facts.type);
}
