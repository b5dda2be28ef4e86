import type { CompiledFilter, Filter } from "../../filters/index.ts";
import type { Notice, OpeningMeta, PodProbe, Unsubscribed } from "../../protocol/index.ts";
import type { Allowance } from "./allowance.ts";
import type { TlsTerms } from "../tls/index.ts";
import type { Mirror } from "./mirror.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";

/** A session as routing sees it: somebody who can be given exchanges. */
export interface Holder {
  readonly id: string;
  /** Who it is, for people. */
  readonly name: string;
  /** Its client's connection is lost, and may come back: what it is given waits. */
  readonly isAway: boolean;
  /** Opens a stream for an exchange, or gives undefined when the session is over. */
  openStream(meta: OpeningMeta, head: Uint8Array, events: StreamEvents): TunnelStream | undefined;
}

/** Why a subscription ends that its session did not end. */
export type EndCode = Exclude<Unsubscribed["code"], "asked">;

/**
 * What a session asked for: the requests of one port that its filter matches, or copies of them. Never changes: one with
 * another filter takes its place.
 */
export interface Subscription {
  /** The number the client gave it; unique in its session. */
  readonly id: number;
  readonly holder: Holder;
  readonly port: number;
  /** Undefined takes everything, HTTP or not. */
  readonly filter: { readonly tree: Filter; readonly compiled: CompiledFilter } | undefined;
  /** What is copied, where somebody else answers; undefined of a steal. */
  readonly mirror: Mirror | undefined;
  /** Higher goes first. */
  readonly priority: number;
  /** Who answers when the local process cannot be reached and nothing was delivered to it. */
  readonly onLocalFailure: "original" | "error";
  /** Who answers health probes that it would get: `original` leaves them to the app. */
  readonly probes: "original" | "steal";
  /** What the pod's spec probes on the port, as its session knows it. */
  readonly podProbes?: readonly PodProbe[];
  /** Callers are told in a field of the answer who served them. */
  readonly tellsCallers?: boolean;
  /** Whether its session can be given single streams of HTTP/2; else they are the app's. */
  readonly readsHttp2: boolean;
  /** On what terms its session lets TLS be read; undefined leaves that to others, or TLS unread. */
  readonly tls: TlsTerms | undefined;
  /** What came of it so far; counted by whoever gives it an exchange. */
  readonly count: { requests: number };
  /** How many exchanges it may be given; undefined is any number. */
  readonly allowance: Allowance | undefined;
  /** Its place is not given to another session that asks for it. */
  readonly isKept: boolean;
  /** Tells its session something about the port. */
  readonly tell: (notice: Omit<Notice, "type">) => void;
  /** It is over: takes it out of the routes, if it is there still, and tells its session. */
  readonly end: (code: EndCode, message: string) => void;
  /** Tells its session something about the port that is true for many connections, the first time only. */
  readonly tellOnce: (code: string, message: string) => void;
}
