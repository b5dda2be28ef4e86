import type { WireAddress } from "../../../protocol/index.ts";
import type { RequestDetail, Row } from "../page-contract.ts";
import { KeptContent } from "./kept-content.ts";
import { type KeptHead, noHead } from "./heads.ts";

/** One answer as far as it has been seen. */
export class RecordedAnswer {
  head: KeptHead = noHead;
  trailers: KeptHead = noHead;
  status: number | null = null;
  readonly content = new KeptContent();
  /** Milliseconds from the begin of its request; null while it has not happened. */
  firstMs: number | null = null;
  endMs: number | null = null;
}

type Changing = { -readonly [Key in keyof Omit<Row, "id" | "source">]: Row[Key] };

/** What is kept of one request. Its row is kept up with; heads and content are read when somebody looks. */
export class RecordedRequest {
  readonly id: number;
  readonly source: Row["source"];
  readonly row: Changing;
  /** When it began, by a clock that never goes back. */
  readonly startMs: number;
  /** As its agent knows it; "" of one that no agent has. */
  readonly requestId: string;
  /** Number of the subscription that it came by, and of the session as they were told; -1 without one. */
  subscription = -1;
  session: object | undefined;
  original: WireAddress | undefined;
  serverName: string | null = null;
  isTls = false;
  head: KeptHead = noHead;
  trailers: KeptHead = noHead;
  readonly content = new KeptContent();
  /** What the caller had. */
  answer: RecordedAnswer | undefined;
  other: RecordedAnswer | undefined;
  otherAnsweredBy: string | null = null;
  /** The decision, in JSON. */
  decision: KeptContent | undefined;
  differences: RequestDetail["differences"] = null;
  from: number | null = null;
  /** Of one that was read from a file. */
  imported: RequestDetail | undefined;
  /** Characters of that. */
  importedWeight = 0;
  heldMs: number | null = null;
  deliveredMs: number | null = null;
  wholeMs: number | null = null;
  /** Of the app's answer, as the agent saw it, from the begin. */
  originalMs: { first: number | null; end: number | null } | undefined;
  /** Of its last change. */
  change = 0;
  lastTouchedMs = 0;
  /** What it was last found to weigh. */
  countedWeight = 0;
  isForgotten = false;

  constructor(about: { id: number; source: Row["source"]; requestId: string; startMs: number; at: number }) {
    this.id = about.id;
    this.source = about.source;
    this.requestId = about.requestId;
    this.startMs = about.startMs;
    this.row = {
      at: about.at,
      port: 0,
      member: null,
      peer: "",
      protocol: "http1",
      kind: "http",
      method: "",
      host: "",
      path: "",
      status: null,
      grpcStatus: null,
      state: "waiting",
      what: "stolen",
      answeredBy: "",
      because: "",
      isProbe: false,
      durationMs: null,
      bytesIn: 0,
      bytesOut: 0,
      requestType: "",
      answerType: "",
      headsOnly: false,
      compared: null,
      failure: null,
    };
  }

  get isOver(): boolean {
    return this.row.state === "over" || this.row.state === "failed";
  }

  /** Characters that its heads take; what else it takes is bounded. */
  get weight(): number {
    return (
      this.importedWeight +
      this.head.text.length +
      this.trailers.text.length +
      weightOf(this.answer) +
      weightOf(this.other)
    );
  }

  get contents(): readonly KeptContent[] {
    return [this.content, this.answer?.content, this.other?.content].filter((one) => one !== undefined);
  }
}

function weightOf(answer: RecordedAnswer | undefined): number {
  return answer === undefined ? 0 : answer.head.text.length + answer.trailers.text.length;
}

/** As the page gets it. */
export function rowOf(request: RecordedRequest): Row {
  return { id: request.id, source: request.source, ...request.row };
}
