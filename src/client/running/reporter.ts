import type { Filter } from "../../filters/index.ts";
import type { CopyCounts, DecisionRecord, Notice, Subscribe, Unsubscribed } from "../../protocol/index.ts";
import type { ComparedRequest, Comparison, SummaryReport } from "../compare/index.ts";
import type { LocalChange } from "../process/index.ts";

/** Of which member of the target it is, where that has several: a pod's name. */
export interface OfMember {
  readonly member?: string | undefined;
}

/** The session with one member of a target. */
export interface ReadyMember extends Pick<ReadySession, "agentPid" | "agentPort" | "backend" | "session"> {
  readonly member: string;
}

/** What members are called, and how many of them are covered. */
export interface CoverageState {
  readonly noun: { readonly one: string; readonly many: string };
  readonly covered: number;
  readonly of: number;
  /** Those that should be covered and are not yet, or not any more; null while nothing has failed. */
  readonly missing: readonly { readonly member: string; readonly message: string | null }[];
}

/** Something that became of a member. `failed`: it cannot be joined, or was lost; again in `retryInMs`, or not at all. */
export type MemberChange =
  | { readonly change: "joined" | "left"; readonly member: string }
  | {
      readonly change: "failed";
      readonly member: string;
      readonly message: string;
      readonly hint: string | undefined;
      readonly retryInMs: number | null;
    };

/** A session that has begun; of a target with several members the fields of an agent are those of the first. */
export interface ReadySession {
  readonly target: string;
  readonly agentPid: number;
  readonly agentPort: number;
  readonly backend: string;
  readonly backendReason: string;
  readonly session: string;
  /** What is done with the requests. */
  readonly mode: Subscribe["mode"];
  readonly filter: Filter | null;
  readonly ports: readonly ReadyPort[];
  /** Where the target has several. */
  readonly members?: readonly ReadyMember[];
  readonly coverage?: CoverageState;
}

export interface ReadyPort {
  /** As the target has it. */
  readonly remote: number;
  /** As its pods have it, where that is another number. */
  readonly inPod?: number;
  readonly local: string;
  readonly subscription: number;
  readonly revision: number;
}

export interface SandboxReport {
  readonly kind: "namespace" | "seccomp" | "off";
  /** Why this one, as the end of a sentence. */
  readonly because: string;
}

export interface EnvironmentReport {
  readonly process: { readonly pid: number; readonly name: string; readonly because: string };
  readonly isOverwritten: boolean;
}

export interface PortReport {
  /** The program's own number. */
  readonly program: number;
  /** Where it can be reached on this machine; null where it cannot. */
  readonly host: { readonly address: string; readonly port: number } | null;
  /** The port of the target whose requests it has from now on; null when there is none. */
  readonly requests:
    | (Pick<ReadySession, "target" | "mode" | "filter"> &
        Pick<ReadyPort, "remote" | "subscription" | "revision">)
    | null;
}

export interface TraceReport {
  /** A held system call, a question for a name, or a connection. */
  readonly kind: "call" | "lookup" | "flow";
  /** The call's name, the question's type, or where it leads. */
  readonly what: string;
  /** A path, a name, an address, with the rule that decided. */
  readonly about: string;
  readonly outcome: string;
}

/**
 * How it all ended. `code` is `left`, `program-ended`, `bound-reached`, `released`, `taken`, `internal` (a fault of ours) or
 * a code of `ClientError`.
 */
export interface Ending {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What became of a mirror's copies so far, those of all ports together. */
export interface CopyTotals extends CopyCounts {
  /** Of those that were sent: the local program has not answered them, or not to the end. */
  readonly unanswered: number;
  /** Why the last one was dropped or failed, or null. */
  readonly lastReason: string | null;
}

/**
 * What becomes of the connection to the agent. `lost`: for `graceMs` everything waits for it. `resumed`: it is back and
 * nothing was lost. `given-up`: the session is over and a new one is tried for. `rejoined`: that one is there.
 */
export type ConnectionReport =
  | { readonly state: "lost"; readonly graceMs: number }
  | { readonly state: "resumed"; readonly afterMs: number }
  | { readonly state: "given-up"; readonly message: string }
  | { readonly state: "rejoined"; readonly afterMs: number };

/** What is done before a session is there. `text` of what has ended says what has been done, `ms` how long it took. */
export type StepReport = OfMember & { readonly step: number; readonly text: string } & (
    | { readonly state: "began" }
    | { readonly state: "done" | "failed"; readonly ms: number }
  );

/** Tells the user what happens; one implementation for people, one for programs. */
export interface Reporter {
  /** What is being done right now, while the session is not there yet. */
  progress(text: string): void;
  step(report: StepReport): void;
  /** The user's program runs from now on, and may write to the same terminal. */
  programStarted(program: { readonly pid: number }): void;
  ready(session: ReadySession): void;
  /** How a program's calls are caught. */
  sandbox(choice: SandboxReport): void;
  /** Whose environment a program has. */
  environment(source: EnvironmentReport): void;
  /** A program listens on a port for the first time. */
  port(port: PortReport): void;
  /** Something that the program did, and what was made of it. */
  traced(report: TraceReport): void;
  decision(decision: DecisionRecord & OfMember): void;
  notice(notice: Notice & OfMember): void;
  /** Of a target with several members: one has come, gone or failed. */
  coverage(report: CoverageState & MemberChange): void;
  local(change: LocalChange): void;
  /** The agent has ended our subscription of a port. */
  taken(
    port: OfMember & {
      remote: number;
      subscription: number;
      code: Unsubscribed["code"];
      /** Why, in a sentence. */
      message: string;
    },
  ): void;
  /** Somebody who may has given a port another filter. */
  filterChanged(change: {
    remote: number;
    subscription: number;
    filter: Filter | null;
    revision: number;
    by: string;
  }): void;
  connection(report: ConnectionReport & OfMember): void;
  copies(totals: CopyTotals): void;
  /** An exchange whose answers differ or could not be compared. */
  comparison(exchange: { request: ComparedRequest; comparison: Comparison }): void;
  /** What came of comparing, once it is over. */
  summary(report: SummaryReport): void;
  /** A page shows what passes here. The URL is a secret: whoever has it may do what the page can. */
  inspector(place: { readonly url: string }): void;
  /** The session is being left; so many exchanges are under way and may finish within `boundMs`, or without a bound. */
  leaving(underWay: number, boundMs: number | null): void;
  ended(ending: Ending): void;
}
