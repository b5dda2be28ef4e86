import { type Http2RequestHead, readResponseHead, readTrailers } from "../../../http/index.ts";
import { AnswerContent } from "./answer-content.ts";
import { decodeList, type HeaderList, plainListOf } from "./header-list.ts";
import { isGrpc } from "./http2-failure.ts";

/** A head that a session gave, and what it is; `waits` when END_STREAM may belong into its frame. */
export interface AnswerHead {
  readonly is: "interim" | "final" | "tunnel";
  readonly status: number;
  readonly list: HeaderList;
  readonly waits: boolean;
}

/** What a rule of HTTP/2 says against an answer, for people. */
export interface AnswerFault {
  readonly fault: string;
}

/** One answer as a session gives it, checked before any of it goes to a client. */
export class SessionAnswer {
  readonly #request: Http2RequestHead;
  #content: AnswerContent | undefined;
  #isGrpc = false;
  #hasTrailers = false;

  constructor(request: Http2RequestHead) {
    this.#request = request;
  }

  /** A failure can be told by trailers: it is one of gRPC, and nothing says that it ends before them. */
  get takesTrailers(): boolean {
    return this.#isGrpc && this.#content?.hasLength !== true;
  }

  head(bytes: Buffer, isInformational: boolean): AnswerHead | AnswerFault {
    const block = decodeList(bytes);
    if (block === undefined) return { fault: "its response head is no block that anybody can read" };
    const head = readResponseHead(block.fields);
    if ("malformed" in head) return { fault: `its response head: ${head.malformed}` };
    const { status, fields } = head;
    if (isInformational !== status < 200) return { fault: `a head of status ${status} in the wrong place` };
    const list = plainListOf(block);
    if (isInformational) return { is: "interim", status, list, waits: false };
    const { method } = this.#request;
    if (method === "CONNECT" && status < 300) return { is: "tunnel", status, list, waits: false };
    this.#content = new AnswerContent(head, method);
    this.#isGrpc = [this.#request.fields, fields].every((each) => isGrpc(each.first("content-type")));
    const waits = this.#content.isFull || fields.first("grpc-status") !== undefined;
    return { is: "final", status, list, waits };
  }

  /** Takes content, or of a tunnel anything. Gives what is against it. */
  data(bytes: number): string | undefined {
    if (this.#hasTrailers) return "content behind its trailers";
    return this.#content?.take(bytes) === false ? "a longer body than was announced" : undefined;
  }

  trailers(bytes: Buffer): HeaderList | AnswerFault {
    const block = decodeList(bytes);
    if (this.#content === undefined || this.#hasTrailers || block === undefined)
      return { fault: "trailers that are none" };
    const trailers = readTrailers(block.fields);
    if ("malformed" in trailers) return { fault: `its trailers: ${trailers.malformed}` };
    this.#hasTrailers = true;
    return plainListOf(block);
  }

  /** All that was announced is here. */
  get isWhole(): boolean {
    return this.#content?.isWhole !== false;
  }
}
