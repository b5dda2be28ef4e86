import type { SummaryReport } from "../compare/index.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Reporter, SessionWork } from "../running/index.ts";
import type { CopyEnd } from "./copy-delivery.ts";
import { askOriginalVia } from "./ask-original.ts";
import { type ComparedExchange, Comparing } from "./comparing.ts";
import { CopyCounter } from "./copy-totals.ts";
import { CopyReceiver } from "./copy-receiver.ts";
import { type ComparePlan, type MirrorPlan, mirrorTerms } from "./mirror-plan.ts";
import { writeReport } from "./write-report.ts";

/** What `magpie mirror` does in a session: takes copies, throws their answers away or compares them, and tells of it. */
export function mirrorWork(plan: MirrorPlan, reporter: Reporter): SessionWork {
  const { compare, answerTimeoutMs } = plan;
  const counter = new CopyCounter({ tell: (totals) => reporter.copies(totals) });
  let comparing: Comparing | undefined;
  return {
    terms: mirrorTerms(plan),
    afterwards: "no copies are made any more",
    receiverFor: ({ incoming, session }) => {
      if (compare !== undefined)
        comparing = new Comparing({
          plan: compare,
          ask: askOriginalVia((opening, events) => session().openStream(opening, events)),
          onCompared: tellFirst(compare.maxDifferences, reporter),
        });
      return new CopyReceiver({ incoming, answerTimeoutMs, comparing, onEnd: (end) => count(counter, end) });
    },
    onCopies: (copies) => counter.take(copies),
    conclude: async () => {
      counter.close();
      if (compare === undefined || comparing === undefined) return exitCodes.ok;
      return await concludeComparing(compare, comparing, reporter);
    },
  };
}

function count(counter: CopyCounter, end: CopyEnd): void {
  if (end.how !== "failed") return;
  // Before the program had it, the agent counts it as failed; after that only we know.
  if (end.isDelivered) counter.unanswered(end.text || end.code);
  else counter.failed(end.text || end.code);
}

/** Tells the first exchanges that differ one by one; the summary has all of them. */
function tellFirst(most: number, reporter: Reporter): (exchange: ComparedExchange) => void {
  let left = most;
  return (exchange) => {
    if (exchange.comparison.verdict === "same" || left < 0) return;
    if (left-- > 0) reporter.comparison(exchange);
    else
      reporter.notice({
        type: "notice",
        level: "info",
        code: "more-differences",
        message: "further differences are only counted; --max-differences shows more",
      });
  };
}

async function concludeComparing(
  plan: ComparePlan,
  comparing: Comparing,
  reporter: Reporter,
): Promise<number> {
  comparing.close();
  const report = comparing.report();
  reporter.summary(report);
  const isWritten = plan.report === undefined || (await tryToWrite(plan.report, report, reporter));
  if (report.pairs.differs > 0) return exitCodes.differs;
  if (report.pairs.same === 0 || comparing.isUnanswered) return exitCodes.notCompared;
  return isWritten ? exitCodes.ok : exitCodes.failure;
}

async function tryToWrite(path: string, report: SummaryReport, reporter: Reporter): Promise<boolean> {
  try {
    await writeReport(path, report);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the report could not be written: ${reason}`;
    reporter.notice({ type: "notice", level: "error", code: "report", message });
    return false;
  }
}
