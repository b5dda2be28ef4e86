import { allFit, type Fit, SeenFilter, type ToldDecision } from "../decisions/index.ts";
import type { Condition, Outcome } from "./condition.ts";
import { fitsStatus } from "./status-test.ts";

/** What a decision is to a condition. */
export interface DecisionFit {
  /** Whether its filter and its outcome are those of the condition. */
  readonly meant: Fit;
  /** Whether its status is; `yes` where none is asked for. */
  readonly status: Fit;
  /** Which parts do not fit, in words. */
  readonly misses: readonly string[];
}

/** Tells what decisions are to a condition. */
export class ConditionFit {
  readonly condition: Condition;
  readonly #index: number;
  readonly #filter: SeenFilter | undefined;

  /** @param index which draft of the question its filter is */
  constructor(condition: Condition, index: number) {
    this.condition = condition;
    this.#index = index;
    this.#filter = condition.filter === null ? undefined : new SeenFilter(condition.filter);
  }

  of(decision: ToldDecision): DecisionFit {
    const { outcome, status } = this.condition;
    const misses: string[] = [];
    const filter = this.#filterFit(decision, misses);
    const became = outcomeFit(outcome, decision);
    if (became === "no") misses.push(becameText(decision));
    const hasStatus = status === null ? "yes" : statusFit(decision, (one) => fitsStatus(status, one));
    if (hasStatus === "no") misses.push(statusText(decision));
    return { meant: allFit([filter, became]), status: hasStatus, misses };
  }

  /** The agent has seen all of the request; what is told does where it has not said. */
  #filterFit(decision: ToldDecision, misses: string[]): Fit {
    if (this.#filter === undefined) return "yes";
    const draft = decision.drafts?.[this.#index];
    const told = draft?.matches ?? null;
    const fit = told === null ? this.#filter.fit(decision) : told ? "yes" : "no";
    if (fit === "no") misses.push(missText(draft, decision));
    return fit;
  }
}

function missText(
  draft: { readonly clause: string | null; readonly because: string } | undefined,
  { method }: ToldDecision,
): string {
  if (draft === undefined || draft.because === "")
    return method === "" ? "it was not read as a request" : "the filter does not match";
  return draft.clause === null ? draft.because : `${draft.clause}: ${draft.because}`;
}

function outcomeFit(outcome: Outcome, decision: ToldDecision): Fit {
  const { verdict, failure, mirrors } = decision;
  const isStolen = verdict === "stolen" || verdict === "stolen-raw";
  switch (outcome.kind) {
    case "any":
      return "yes";
    case "stolen":
      return isStolen ? takenFit(decision) : "no";
    case "passed":
      return isStolen ? "no" : "yes";
    case "failed":
      return failure === null ? "no" : "yes";
    case "mirrored":
      if (mirrors.some(({ outcome }) => outcome === "sent")) return "yes";
      return mirrors.some(({ outcome }) => outcome === "under way") ? "maybe" : "no";
    case "answered-by":
  }
  if (outcome.who === "app") return isStolen ? "no" : takenFit(decision);
  const isHis = decision.session === outcome.who || decision.sessionName === outcome.who;
  return isStolen && isHis ? takenFit(decision) : "no";
}

/** Until the answer begins, somebody else may still have it. */
function takenFit({ status, durationMs }: ToldDecision): Fit {
  return status !== null || durationMs !== null ? "yes" : "maybe";
}

function statusFit({ status, durationMs }: ToldDecision, fits: (status: number) => boolean): Fit {
  if (status !== null) return fits(status) ? "yes" : "no";
  return durationMs === null ? "maybe" : "no";
}

function becameText(decision: ToldDecision): string {
  const { verdict, sessionName, session, failure, reason } = decision;
  if (verdict === "stolen" || verdict === "stolen-raw") {
    const who = sessionName ?? session ?? "a session";
    return failure === null ? `it was stolen by ${who}` : `it was stolen by ${who}: ${failure}`;
  }
  return `it passed to the app: ${reason}`;
}

function statusText({ status }: ToldDecision): string {
  return status === null ? "it had no answer" : `it was answered with ${status}`;
}
