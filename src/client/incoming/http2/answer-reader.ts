import {
  type DecodedBlock,
  encodePlain,
  type FieldEntry,
  readResponseHead,
  readTrailers,
} from "../../../http/index.ts";

/** What the program's frames turn out to be; heads as header blocks that need no table. */
export interface AnswerSink {
  onInformational(block: Buffer): void;
  onResponse(block: Buffer): void;
  onContent(slice: Buffer): void;
  onTrailers(block: Buffer): void;
}

/** RFC 9110 §15.2 names no bound; a program that sends more of them is broken or hostile. */
const maxInformationalHeads = 100;

/**
 * Reads one answer of HTTP/2 (RFC 9113 §8.1) and says its heads anew, in their order and with their marks; does no I/O.
 *
 * States: head → (head …) → content → trailers. Each method gives the fault when the answer is malformed (§8.1.1).
 */
export class AnswerReader {
  readonly #method: string;
  readonly #sink: AnswerSink;
  #state: "head" | "content" | "trailers" = "head";
  #informationalHeads = 0;
  /** Of the Content-Length; undefined where content need not add up to one. */
  #leftBytes: number | undefined;

  constructor(method: string, sink: AnswerSink) {
    this.#method = method;
    this.#sink = sink;
  }

  /** Whether a final head has come. */
  get isAnswering(): boolean {
    return this.#state !== "head";
  }

  /** Whether a single head has come: from then on nobody else may be asked. */
  get hasBegun(): boolean {
    return this.isAnswering || this.#informationalHeads > 0;
  }

  head(block: DecodedBlock, endsStream: boolean): string | undefined {
    if (this.#state === "head") return this.#answerHead(block, endsStream);
    if (this.#state === "trailers") return "a head behind its trailers";
    if (!endsStream) return "trailers that do not end it";
    const trailers = readTrailers(block.fields);
    if ("malformed" in trailers) return `malformed trailers: ${trailers.malformed}`;
    this.#state = "trailers";
    this.#sink.onTrailers(sayAgain(block));
    return undefined;
  }

  data(slice: Buffer): string | undefined {
    if (this.#state !== "content") return "content before its head";
    if (this.#leftBytes !== undefined) {
      this.#leftBytes -= slice.length;
      if (this.#leftBytes < 0) return "more content than its content-length";
    }
    this.#sink.onContent(slice);
    return undefined;
  }

  end(): string | undefined {
    if (this.#state === "head") return "an end before its head";
    return (this.#leftBytes ?? 0) > 0 ? "less content than its content-length" : undefined;
  }

  #answerHead(block: DecodedBlock, endsStream: boolean): string | undefined {
    const response = readResponseHead(block.fields);
    if ("malformed" in response) return `a malformed head: ${response.malformed}`;
    const { status, contentLength } = response;
    if (status < 200) {
      if (endsStream) return "an end before its head";
      if (++this.#informationalHeads > maxInformationalHeads) return "too many 1xx answers";
      this.#sink.onInformational(sayAgain(block));
      return undefined;
    }
    this.#state = "content";
    const isTunnel = this.#method === "CONNECT" && status < 300;
    if (this.#method !== "HEAD" && status !== 304 && !isTunnel) this.#leftBytes = contentLength;
    this.#sink.onResponse(sayAgain(block));
    return undefined;
  }
}

/** The same fields in the same order, so that they can be read without a table; what was never-indexed stays so. */
function sayAgain(block: DecodedBlock): Buffer {
  const neverIndexed = new Set<string>();
  for (const { kind, entry } of block.representations)
    if (kind === "never-indexed" && entry !== undefined) neverIndexed.add(entry.name);
  const pairs = block.fields.map(({ name, value }: FieldEntry) => [name, value] as const);
  return encodePlain(pairs, { isNeverIndexed: (name) => neverIndexed.has(name) });
}
