import type { Filter } from "../../filters/index.ts";
import type { LocalSpeech } from "../incoming/index.ts";
import type { AgentLimits, RedirectBackend, ResolvedTarget } from "../target/index.ts";
import type { InspectPlan } from "./inspect-flags.ts";
import type { LossPlan } from "./loss-flags.ts";
import type { TlsPlan } from "./tls-flags.ts";

/** What every command that holds a session was asked to do, checked. */
export interface SessionPlan {
  readonly target: ResolvedTarget;
  /** Null takes everything. */
  readonly filter: Filter | null;
  /** Whether connections that already exist are taken over too, and another session is asked for its place. */
  readonly takeOver: boolean;
  /** Whether our place is kept when another session asks for it. */
  readonly keep: boolean;
  /** How the local program is spoken to. */
  readonly speech: LocalSpeech;
  /** How TLS on the ports is read. */
  readonly tls: TlsPlan;
  /** What is done when the connection to the agent is lost. */
  readonly loss: LossPlan;
  readonly redirect: RedirectBackend;
  /** So long bystanders' connections may hold an agent that we start, once everybody has left. */
  readonly drainMaxMs: number;
  /** Of an agent that is started for it. */
  readonly limits: AgentLimits;
  /** How many members of the target are covered at most; null is all. */
  readonly replicas: number | null;
  /** Who we are, for the eyes of those who share the target. */
  readonly name: string;
  /** Whether every decision of the ports is told. */
  readonly trace: boolean;
  /** Where a page shows what passes, from the begin; undefined for none. */
  readonly inspect?: InspectPlan | undefined;
  readonly output: "text" | "json";
}
