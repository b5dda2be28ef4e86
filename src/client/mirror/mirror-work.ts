import type { Notice } from "../../protocol/index.ts";
import type { SummaryReport } from "../compare/index.ts";
import { exitCodes } from "../exit-codes.ts";
import type { CopyTotals, Reporter, SessionWork, StreamReceiver } from "../running/index.ts";
import type { CopyEnd } from "./copy-delivery.ts";
import { askOriginalVia, type OpenStream } from "./ask-original.ts";
import { type ComparedExchange, Comparing } from "./comparing.ts";
import { CopyCounter } from "./copy-totals.ts";
import { CopyReceiver } from "./copy-receiver.ts";
import { type ComparePlan, type CopyPlan, mirrorTerms } from "./mirror-plan.ts";
import { writeReport } from "./write-report.ts";

type ReceiverParts = Parameters<NonNullable<SessionWork["receiverFor"]>>[0];

/** What `magpie mirror` does in a session: takes copies, throws their answers away or compares them, and tells of it. */
export function mirrorWork(
  plan: CopyPlan,
  reporter: Reporter,
): Omit<SessionWork, "receiverFor"> & { receiverFor(parts: ReceiverParts): StreamReceiver } {
  const { compare, answerTimeoutMs } = plan;
  const counter = new CopyCounter({ tell: (totals) => reporter.copies(totals) });
  let openStream: OpenStream | undefined;
  let stolen = 0;
  const comparing =
    compare === undefined
      ? undefined
      : new Comparing({
          plan: compare,
          ask: (pair, options) =>
            openStream === undefined ? Promise.resolve(undefined) : askOriginalVia(openStream)(pair, options),
          onCompared: tellFirst(compare.maxDifferences, reporter),
        });
  return {
    terms: mirrorTerms(plan),
    afterwards: "no copies are made any more",
    finishMs: answerTimeoutMs,
    // Once for each session: after a lost one another may be opened, and what was found so far goes on to count.
    receiverFor: ({ incoming, session }) => {
      counter.newSession();
      openStream = (opening, events) => session().openStream(opening, events);
      return new CopyReceiver({
        ...{ incoming, answerTimeoutMs, comparing },
        onEnd: (end) => count(counter, end),
        onUnfinished: (count) => reporter.notice(unfinishedNotice(count)),
        onStolen: () => void stolen++,
      });
    },
    onCopies: (copies) => counter.take(copies),
    conclude: async () => {
      counter.close();
      if (compare === undefined || comparing === undefined) return exitCodes.ok;
      if (stolen > 0) reporter.notice(stolenNotice(stolen));
      return await concludeComparing(compare, { comparing, totals: counter.totals, reporter });
    },
  };
}

function count(counter: CopyCounter, end: CopyEnd): void {
  // What we cancel ourselves at the end is nobody's fault.
  if (end.how !== "failed" || end.code === "cancelled") return;
  // Before the program had it, the agent counts it as failed; after that only we know.
  if (end.isDelivered) counter.unanswered(end.text || end.code);
  else counter.failed(end.text || end.code);
}

function unfinishedNotice(count: number): Notice {
  const message = `${count} ${count === 1 ? "exchange was" : "exchanges were"} still under way and not compared`;
  return { type: "notice", level: "info", code: "unfinished", message };
}

function stolenNotice(count: number): Notice {
  const which = count === 1 ? "1 request was" : `${count} requests were`;
  const message = `${which} stolen, so that there was no answer of the app to compare with`;
  return { type: "notice", level: "info", code: "stolen", message };
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
  { comparing, totals, reporter }: { comparing: Comparing; totals: CopyTotals; reporter: Reporter },
): Promise<number> {
  comparing.flush();
  const report = comparing.report();
  reporter.summary(report);
  const isWritten = plan.report === undefined || (await tryToWrite(plan.report, report, reporter));
  if (report.pairs.differs > 0) return exitCodes.differs;
  // A program that was given some of the requests only has not shown that it answers like the app.
  const isUnanswered = comparing.isUnanswered || totals.failed > 0;
  if (report.pairs.same === 0 || isUnanswered) return exitCodes.notCompared;
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
