import { compileFilter, FilterError, readFilter } from "../../filters/index.ts";
import {
  type Copies,
  type Json,
  type ListedSubscription,
  MAX_FILTER_BYTES,
  type Notice,
  type Subscribe,
} from "../../protocol/index.ts";
import {
  Allowance,
  type EndCode,
  type Holder,
  type CopyOutcome,
  Mirror,
  type Subscription,
} from "../routing/index.ts";
import type { TlsTerms } from "../tls/index.ts";
import type { Listener, Recording } from "../trace/index.ts";
import { CopyReports } from "./copy-reports.ts";
import { TimeBound } from "./time-bound.ts";

/** Whom a subscription is for, and whom it tells. */
export interface HeldFor {
  readonly holder: Holder;
  readonly tls: TlsTerms | undefined;
  readonly readsHttp2: boolean;
  readonly onDecision: (recording: Recording) => void;
  readonly onNotice: (notice: Notice) => void;
  readonly onCopies: (report: Copies) => void;
  /** Something happened to a copy. */
  readonly onCopy: (outcome: CopyOutcome) => void;
  readonly onEnd: (code: EndCode, message: string) => void;
}

/**
 * One subscription from its session's side: what was asked for, and how it stands with it. Its bounds count from `begin` on;
 * the session closes it.
 */
export class HeldSubscription {
  readonly id: number;
  readonly port: number;
  readonly wanted: Subscribe;
  /** Hears the port's decisions, where the session asked for them. */
  readonly listener: Listener | undefined;
  readonly #about: HeldFor;
  readonly #allowance: Allowance | undefined;
  /** Of a mirror. */
  readonly #mirror: Mirror | undefined;
  readonly #reports: CopyReports;
  /** Milliseconds since the epoch. */
  readonly #since = Date.now();
  readonly #ended = new AbortController();
  #subscription: Subscription;
  #filter: Json;
  #revision = 0;
  #time: TimeBound | undefined;

  /** @throws FilterError */
  constructor(wanted: Subscribe, about: HeldFor) {
    this.id = wanted.id;
    this.port = wanted.port;
    this.wanted = wanted;
    this.#about = about;
    this.#allowance = this.#allowanceOf(wanted);
    this.#reports = new CopyReports({ subscription: wanted.id, tell: about.onCopies });
    this.#mirror = this.#mirrorOf(wanted);
    this.#filter = wanted.filter;
    this.#subscription = this.#subscriptionOf(wanted);
    this.listener = wanted.trace ? { port: wanted.port, heard: about.onDecision } : undefined;
  }

  /** As routing has it now. */
  get subscription(): Subscription {
    return this.#subscription;
  }

  /** The first one that decides with it as it is now. */
  get revision(): number {
    return this.#revision;
  }

  /** Aborted when it is over. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** It decides from this revision on. */
  begin(revision: number): void {
    this.#revision = revision;
    const { forMs } = this.wanted.bounds;
    if (forMs === null) return;
    const { onEnd } = this.#about;
    this.#time = new TimeBound({
      forMs,
      onSoon: (leftMs) => {
        const left = `${Math.round(leftMs / 1_000)} s`;
        this.#tell({ level: "warning", code: "bound-near", message: `port ${this.port} ends in ${left}` });
      },
      onOver: () => onEnd("time-over", `the time for port ${this.port} is over`),
    });
  }

  /** The same with another filter, not in force yet. @throws FilterError */
  withFilter(filter: Json): Subscription {
    return { ...this.#subscription, filter: filterOf(filter) };
  }

  /** What `withFilter` made is in force. */
  changed(to: { subscription: Subscription; filter: Json; revision: number }): void {
    this.#subscription = to.subscription;
    this.#filter = to.filter;
    this.#revision = to.revision;
  }

  /** As those who share the pod may see it. */
  listed(): ListedSubscription {
    const { id, port, mode, priority } = this.wanted;
    return {
      ...{ id, port, mode, filter: this.#filter, priority },
      revision: this.#revision,
      since: this.#since,
      requests: this.#subscription.count.requests,
      copies: this.#mirror?.counts ?? null,
      until: this.#time?.until ?? null,
      requestsLeft: this.#allowance?.left ?? null,
    };
  }

  /** It is over, whyever. */
  close(): void {
    this.#time?.[Symbol.dispose]();
    this.#reports.close();
    this.#ended.abort();
  }

  #subscriptionOf(wanted: Subscribe): Subscription {
    const { id, port, priority, onLocalFailure, probes, podProbes } = wanted;
    const { holder, readsHttp2, tls, onEnd } = this.#about;
    const told = new Set<string>();
    return {
      ...{ id, port, priority, onLocalFailure, probes, podProbes, holder, readsHttp2, tls },
      filter: filterOf(wanted.filter),
      tellsCallers: wanted.servedBy,
      count: { requests: 0 },
      allowance: this.#allowance,
      mirror: this.#mirror,
      isKept: wanted.keep,
      tell: (notice) => this.#tell(notice),
      end: onEnd,
      tellOnce: (code, message) => {
        if (told.has(code)) return;
        told.add(code);
        this.#tell({ level: "info", code, message });
      },
    };
  }

  #mirrorOf({ mirror: terms }: Subscribe): Mirror | undefined {
    if (terms === null) return undefined;
    const onCounted = (outcome: CopyOutcome) => {
      this.#about.onCopy(outcome);
      this.#reports.due();
    };
    const mirror = new Mirror({ terms, onCounted });
    this.#reports.of(mirror);
    return mirror;
  }

  #allowanceOf({ port, bounds }: Subscribe): Allowance | undefined {
    const { maxRequests: max } = bounds;
    if (max === null) return undefined;
    return new Allowance({
      max,
      onFew: (left) =>
        this.#tell({
          level: "warning",
          code: "bound-near",
          message: `port ${port} ends after ${left} more ${left === 1 ? "request" : "requests"}`,
        }),
      onSpent: () => this.#about.onEnd("max-requests", `port ${port} has had its ${max} requests`),
    });
  }

  #tell(notice: Omit<Notice, "type">): void {
    this.#about.onNotice({ type: "notice", ...notice });
  }
}

/** @throws FilterError */
function filterOf(filter: Json): Subscription["filter"] {
  if (filter === null) return undefined;
  const bytes = Buffer.byteLength(JSON.stringify(filter));
  if (bytes > MAX_FILTER_BYTES)
    throw new FilterError("too-large", `the filter has ${bytes} bytes, the limit is ${MAX_FILTER_BYTES}`);
  const tree = readFilter(filter);
  return { tree, compiled: compileFilter(tree) };
}
