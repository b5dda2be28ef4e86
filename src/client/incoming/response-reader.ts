import {
  BodyScanner,
  findHeadEnd,
  type Http1Response,
  MAX_HEAD_BYTES,
  parseResponseHead,
} from "../../http/index.ts";

/** What the local program's bytes turn out to be. Slices are views of the chunk that was read. */
export interface ResponseSink {
  /** A 1xx head other than 101, raw, its empty line included (RFC 9110 §15.2). */
  onInformational(head: Buffer): void;
  /** The final head, or 101, raw. */
  onResponse(head: Buffer, response: Http1Response): void;
  /** Decoded content, or raw bytes once another protocol has been switched to. */
  onContent(slice: Buffer): void;
  /** The message is whole. Not called once another protocol has been switched to. */
  onComplete(trailers: string): void;
}

/** What is known of the request that is being answered. */
export interface AnsweredRequest {
  readonly method: string;
  readonly mayUpgrade: boolean;
}

type State =
  | { readonly at: "head" }
  | { readonly at: "content"; readonly body: BodyScanner }
  | { readonly at: "switched" }
  | { readonly at: "complete" }
  | { readonly at: "failed" };

/** RFC 9110 names no bound; a program that sends more of them is broken or hostile. */
const maxInformationalHeads = 100;
const startLinePrefix = Buffer.from("HTTP/1.", "latin1");

/**
 * Reads one HTTP/1.1 response through any split of its bytes; does no I/O.
 *
 * States: head → (head …) → content → complete, or head → switched, or anything → failed. Holds back at most one head
 * of `MAX_HEAD_BYTES`.
 */
export class ResponseReader {
  readonly #request: AnsweredRequest;
  readonly #sink: ResponseSink;
  #state: State = { at: "head" };
  #held: Buffer | undefined;
  #informationalHeads = 0;
  #hasBegun = false;

  constructor(request: AnsweredRequest, sink: ResponseSink) {
    this.#request = request;
    this.#sink = sink;
  }

  /** Whether a single byte of an answer has come: from then on nobody else may be asked. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get state(): State["at"] {
    return this.#state.at;
  }

  /**
   * Reads a chunk. Gives the fault when it is no answer to the request: it is `failed` then, or still `complete` when the
   * answer was whole and only more bytes followed it.
   */
  read(chunk: Buffer): string | undefined {
    if (chunk.length > 0) this.#hasBegun = true;
    let at = 0;
    while (at < chunk.length) {
      const state = this.#state;
      switch (state.at) {
        case "head": {
          const bytes =
            this.#held === undefined ? chunk.subarray(at) : Buffer.concat([this.#held, chunk.subarray(at)]);
          const heldBytes = this.#held?.length ?? 0;
          const taken = this.#readHead(bytes, heldBytes);
          if (typeof taken === "string") return this.#fail(taken);
          at += taken - heldBytes;
          break;
        }
        case "content": {
          const end = state.body.scan(chunk, at, chunk.length, (from, to) =>
            this.#sink.onContent(chunk.subarray(from, to)),
          );
          if (state.body.state === "ambiguous") return this.#fail("its chunked body is malformed");
          if (state.body.state === "done") this.#complete(state.body);
          at = end;
          break;
        }
        case "switched":
          this.#sink.onContent(chunk.subarray(at));
          return undefined;
        case "complete":
          return "it sent more than its answer";
        case "failed":
          return "it had failed before";
      }
    }
    return undefined;
  }

  /** What the end of the local program's stream means. Gives the fault when the answer is not whole by it. */
  end(): string | undefined {
    const state = this.#state;
    if (state.at === "head") {
      return this.#fail(this.#hasBegun ? "it closed within its head" : "it closed without an answer");
    }
    if (state.at === "content") {
      if (!state.body.isCompleteAtEnd) return this.#fail("it closed before its answer was whole");
      this.#complete(state.body);
    }
    return undefined;
  }

  /** Gives how many of `bytes` were taken, all of them while the head is not whole, or the fault. */
  #readHead(bytes: Buffer, heldBytes: number): number | string {
    const prefix = bytes.subarray(0, startLinePrefix.length);
    if (!prefix.equals(startLinePrefix.subarray(0, prefix.length))) return "its answer is not HTTP/1.x";
    // An end may lie across the border: its first three bytes may have been held.
    const headEnd = findHeadEnd(bytes, Math.max(0, heldBytes - 3), bytes.length);
    if (headEnd === -1 || headEnd > MAX_HEAD_BYTES) {
      if (bytes.length > MAX_HEAD_BYTES) return `its head is larger than ${MAX_HEAD_BYTES} bytes`;
      this.#held = bytes;
      return bytes.length;
    }
    this.#held = undefined;
    const head = bytes.subarray(0, headEnd);
    const response = parseResponseHead(head, this.#request.method);
    if ("ambiguity" in response) return `its head cannot be read in one way: ${response.ambiguity}`;
    return this.#takeHead(head, response) ?? headEnd;
  }

  #takeHead(head: Buffer, response: Http1Response): string | undefined {
    if (response.status === 101 && !this.#request.mayUpgrade) {
      return "it switched protocols without being asked to"; // RFC 9110 §7.8
    }
    if (response.status < 200 && response.status !== 101) {
      if (++this.#informationalHeads > maxInformationalHeads) return "it sent too many 1xx answers";
      this.#sink.onInformational(head);
      return undefined;
    }
    const body = new BodyScanner(response.framing);
    this.#state = response.switchesProtocol ? { at: "switched" } : { at: "content", body };
    this.#sink.onResponse(head, response);
    if (!response.switchesProtocol && body.state === "done") this.#complete(body);
    return undefined;
  }

  #complete(body: BodyScanner): void {
    this.#state = { at: "complete" };
    this.#sink.onComplete(body.trailers);
  }

  #fail(fault: string): string {
    this.#state = { at: "failed" };
    return fault;
  }
}
