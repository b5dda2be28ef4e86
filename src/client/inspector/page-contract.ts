/**
 * What the inspector's page and the process behind it say to each other. Types only: the page is built from them too.
 *
 * Everything is under `/api`, in JSON, and wants `Authorization: Bearer <token>` (downloads: `?token=`). Errors are
 * `{ error, hint? }` with a status of 4xx or 5xx. Times are milliseconds since the epoch, durations milliseconds, sizes bytes.
 *
 * | method and path                          | body → answer                                                      |
 * |------------------------------------------|--------------------------------------------------------------------|
 * | GET /api/state                           | {@link InspectorState}                                             |
 * | GET /api/live?after=<change>             | newline-delimited {@link LiveMessage}s, endless; 0: all there is    |
 * | GET /api/requests/<id>                   | {@link RequestDetail}                                              |
 * | GET /api/requests/<id>/body?of=<side>    | the bytes, as application/octet-stream; `of` is a {@link BodySide}  |
 * | GET /api/requests/<id>/messages?of=<side>| {@link MessageList}                                                |
 * | POST /api/requests/<id>/replay           | {@link ReplayRequest} → {@link Sent}                               |
 * | POST /api/send                           | {@link EditedRequest} → {@link Sent}                               |
 * | POST /api/filter/preview                 | {@link FilterChange} → {@link FilterPreview}                       |
 * | PUT /api/filter                          | {@link FilterChange} → {@link InspectorState}                      |
 * | PUT /api/holding                         | {@link Holding} → {@link InspectorState}                           |
 * | POST /api/requests/<id>/release          | nothing → nothing: a held request goes on                          |
 * | GET /api/har?ids=1,2 or ?filter=<filter> | HAR 1.2, as a download; neither: all                               |
 * | POST /api/har                            | HAR → {@link Imported}                                             |
 * | POST /api/descriptors?name=<file name>   | .proto text or a FileDescriptorSet → {@link InspectorState}        |
 * | POST /api/descriptors/reflect            | nothing → {@link InspectorState}: the app or program is asked       |
 * | GET /api/matching?filter=<filter>&after=<id> | {@link Matching}: which rows a filter that asks for fields takes |
 * | POST /api/clear                          | nothing → nothing: all rows are forgotten                          |
 */

/** Who a request can be sent to. */
export type Receiver = "local" | "original";

/** Whose bytes: the request, the answer its caller had, or of a mirrored or compared one the other answer. */
export type BodySide = "request" | "answer" | "other-answer";

/** How a row came to be: it passed here live, was sent from the page, or comes from a file. */
export type RowSource = "live" | "replay" | "edited" | "imported";

/**
 * One request, as the list shows it. `heads` only: the app answered and nothing of its content was seen.
 * Ids count up and are never used again.
 */
export interface Row {
  readonly id: number;
  readonly source: RowSource;
  readonly at: number;
  readonly port: number;
  /** Where the target has several: a pod's name. */
  readonly member: string | null;
  /** Address and port of who sent it. */
  readonly peer: string;
  readonly protocol: "http1" | "http2" | "tcp" | "tls";
  /** What it is beyond that: shown as a mark, and decides which views there are. */
  readonly kind: "http" | "grpc" | "websocket" | "sse" | "raw";
  /** "" of a connection. */
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** Null while there is none. */
  readonly status: number | null;
  /** Null of anything but gRPC. */
  readonly grpcStatus: number | null;
  readonly state: "held" | "waiting" | "answering" | "over" | "failed";
  readonly what: "stolen" | "mirrored" | "passed";
  /** In a word or two: "the app", "here", another session's name. */
  readonly answeredBy: string;
  /** The clause that decided, in words. */
  readonly because: string;
  readonly isProbe: boolean;
  /** Null while it is under way. */
  readonly durationMs: number | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Of the request, "content-type" without parameters; "" when none or unknown. */
  readonly requestType: string;
  readonly answerType: string;
  /** Whether only heads were seen. */
  readonly headsOnly: boolean;
  /** What a compare found; null where nothing was compared. */
  readonly compared: "same" | "differs" | "not-compared" | null;
  readonly failure: string | null;
}

/** What comes over `/api/live`. `change` counts up; a page that comes back asks for what is after the last one it had. */
export type LiveMessage =
  | { readonly type: "rows"; readonly change: number; readonly rows: readonly Row[] }
  /** All rows up to this id are forgotten here. `because` is for people when it was not asked for. */
  | {
      readonly type: "forgotten";
      readonly change: number;
      readonly upTo: number;
      readonly because: string | null;
    }
  | { readonly type: "state"; readonly change: number; readonly state: InspectorState }
  /** Everything known by the time of the question has been said; `missing`: rows that could not be told. */
  | { readonly type: "caught-up"; readonly change: number; readonly missing: number }
  /** Sent every few seconds, so that a dead connection is noticed. */
  | { readonly type: "alive" };

export interface InspectorState {
  readonly version: string;
  readonly target: string;
  /** Null where nobody's session runs here and the page only looks on. */
  readonly session: { readonly id: string; readonly name: string } | null;
  readonly connection: "connected" | "lost" | "ended";
  readonly ports: readonly InspectedPort[];
  readonly holding: Holding & { readonly held: number };
  readonly can: {
    readonly setFilter: boolean;
    readonly hold: boolean;
    readonly sendTo: readonly Receiver[];
    /** Why not, for what cannot be done: shown beside the disabled button. */
    readonly whyNot: string | null;
  };
  readonly descriptors: readonly { readonly name: string; readonly services: readonly string[] }[];
  readonly kept: {
    readonly rows: number;
    readonly maxRows: number;
    readonly bytes: number;
    readonly maxBytes: number;
    /** Bodies of which the end, or all, was let go for room, so far. */
    readonly bodiesCut: number;
    /** Requests that were never told to us. */
    readonly missed: number;
  };
}

export interface InspectedPort {
  readonly port: number;
  readonly mode: "steal" | "mirror";
  readonly local: string;
  /** As an expression of the filter language; null: everything. */
  readonly filter: string | null;
  readonly revision: number;
}

export interface Holding {
  /** New stolen requests wait here until they are released; switching it off releases all. */
  readonly isOn: boolean;
  /** Only those that this filter takes; null: all. */
  readonly filter: string | null;
}

export type HeaderLine = readonly [name: string, value: string];

export interface RequestDetail {
  readonly row: Row;
  readonly request: MessagePart & { readonly target: string; readonly version: string };
  /** What the caller had. Null while there is none. */
  readonly answer: AnswerPart | null;
  /** Of a mirrored request the local program's, of a stolen one that was compared the app's. */
  readonly otherAnswer: AnswerPart | null;
  readonly otherAnsweredBy: string | null;
  readonly timings: readonly Timing[];
  readonly decision: {
    readonly reason: string;
    readonly asked: readonly AskedFilterView[];
    readonly unexplained: number;
    readonly mirrors: readonly { readonly name: string; readonly outcome: string }[];
  } | null;
  readonly differences:
    | readonly { readonly place: string; readonly answer: string; readonly other: string }[]
    | null;
  /** The row that this one was sent again from. */
  readonly from: number | null;
  /** A shell command that says the same request; binary content by `--data-binary @file`, which the text names. */
  readonly curl: string | null;
}

export interface MessagePart {
  /** In order, as they were written. Names only (value "") where values may not be seen. */
  readonly headers: readonly HeaderLine[];
  readonly trailers: readonly HeaderLine[];
  readonly valuesHidden: boolean;
  readonly body: BodyFacts;
}

export interface AnswerPart extends MessagePart {
  readonly status: number;
  readonly statusText: string;
  readonly version: string;
}

export interface BodyFacts {
  /** As it went over the wire, content codings included. */
  readonly bytes: number;
  /** Of these the first so many are kept. */
  readonly keptBytes: number;
  readonly type: string;
  /** Content codings that `/body` has undone, "gzip" for instance; null when it could not or need not. */
  readonly decoded: string | null;
  readonly whyNotKept: string | null;
}

/** One bar: from and until count from the row's `at`. */
export interface Timing {
  readonly name: "held" | "to-local" | "waiting" | "answer" | "original" | "other";
  readonly fromMs: number;
  readonly untilMs: number | null;
}

export interface AskedFilterView {
  readonly session: string;
  readonly filter: string | null;
  readonly matches: boolean;
  readonly because: string;
  readonly clauses: ClauseView | null;
}

export interface ClauseView {
  readonly result: boolean;
  readonly clause: string;
  readonly because: string;
  readonly parts: readonly ClauseView[];
}

/** Messages of WebSocket, SSE or gRPC in one direction, in order. */
export interface MessageList {
  readonly messages: readonly {
    readonly at: number | null;
    readonly kind: "text" | "binary" | "json" | "ping" | "pong" | "close" | "event" | "undecoded";
    /** Type of a gRPC message, event of SSE, code of a close. */
    readonly name: string;
    /** JSON of a gRPC message that could be decoded; binary in hex. */
    readonly text: string;
    readonly bytes: number;
  }[];
  /** More there were. */
  readonly left: number;
  readonly note: string | null;
}

export interface ReplayRequest {
  readonly to: Receiver;
}

export interface EditedRequest {
  readonly to: Receiver;
  readonly port: number;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly HeaderLine[];
  /** Base64. */
  readonly body: string;
  /** The row it was made of. */
  readonly from: number | null;
}

/** The row of what was sent; how it goes is told by `/api/live`. */
export interface Sent {
  readonly id: number;
}

export interface FilterChange {
  readonly port: number;
  /** As an expression or in JSON, as `--filter` takes it; null: everything. */
  readonly filter: string | null;
}

export interface FilterPreview {
  /** Null when it is one. */
  readonly problem: {
    readonly message: string;
    readonly at: number | null;
    readonly hint: string | null;
  } | null;
  /** Of the rows that are kept of this port. */
  readonly matching: number;
  readonly of: number;
  /** Ids of rows that change hands: they would be stolen and were not, and the other way round. */
  readonly wouldGain: readonly number[];
  readonly wouldLose: readonly number[];
  readonly overlaps: readonly string[];
}

export interface Imported {
  readonly rows: number;
  readonly skipped: readonly string[];
}

/** Ids of the rows after `after`, up to `until`, whose requests a filter takes. */
export interface Matching {
  readonly ids: readonly number[];
  readonly until: number;
}
