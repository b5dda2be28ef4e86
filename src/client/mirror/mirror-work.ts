import { TokenBucket } from "../../http/index.ts";
import type { Notice } from "../../protocol/index.ts";
import { formatPlace, type SummaryReport } from "../compare/index.ts";
import { exitCodes } from "../exit-codes.ts";
import {
  type ComparedAnswers,
  type CopyTotals,
  type InspectionPoint,
  memberRequestId,
  type Reporter,
  type SessionWork,
  type StreamReceiver,
} from "../running/index.ts";
import type { CopyEnd } from "./copy-delivery.ts";
import { askOriginalVia, type OpenStream } from "./ask-original.ts";
import { type ComparedExchange, Comparing } from "./comparing.ts";
import { CopyCounter } from "./copy-totals.ts";
import { CopyReceiver, type PairTaker } from "./copy-receiver.ts";
import { type ComparePlan, type CopyPlan, mirrorTerms } from "./mirror-plan.ts";
import type { AnsweredPair } from "./pairs.ts";
import { writeReport } from "./write-report.ts";

type ReceiverParts = Parameters<NonNullable<SessionWork["receiverFor"]>>[0];

/** What `magpie mirror` does in a session: takes copies, throws their answers away or compares them, and tells of it. */
export function mirrorWork(
  plan: CopyPlan,
  reporter: Reporter,
  inspection?: InspectionPoint,
): Omit<SessionWork, "receiverFor"> & { receiverFor(parts: ReceiverParts): StreamReceiver } {
  const { compare, answerTimeoutMs } = plan;
  const counter = new CopyCounter({ tell: (totals) => reporter.copies(totals) });
  const sources = new WeakMap<AnsweredPair, PairSource>();
  let stolen = 0;
  const mayTake = sharedRate(plan.maxPerSecond);
  const tell = tellFirst(compare?.maxDifferences ?? 0, reporter);
  const comparing =
    compare === undefined
      ? undefined
      : new Comparing({
          plan: compare,
          ask: (pair, options) => {
            const source = sources.get(pair);
            if (source === undefined || source.isOver) return Promise.resolve(undefined);
            return askOriginalVia(source.openStream)(pair, options);
          },
          onCompared: (exchange) => {
            tell(exchange);
            inspection?.compared(() => comparedAnswers(exchange));
          },
        });
  return {
    terms: mirrorTerms(plan),
    inspection,
    afterwards: "no copies are made any more",
    finishMs: answerTimeoutMs,
    // Once for each session: a target may have several members, and after a lost one another may be opened. What is found goes
    // on to count.
    receiverFor: ({ incoming, session, member, tapPlace }) => {
      const openStream: OpenStream = (opening, events) => session().openStream(opening, events);
      const ofSession = comparing && pairsOf(comparing, { sources, member, openStream });
      return new CopyReceiver({
        ...{ incoming, answerTimeoutMs, comparing: ofSession, tapPlace },
        // The agent of each member counts alone: all together may have no more.
        mayTake: member === undefined ? undefined : mayTake,
        onEnd: (end) => count(counter, end),
        onUnfinished: (count) => reporter.notice(unfinishedNotice(count)),
        onStolen: () => void stolen++,
      });
    },
    onCopies: (copies, source) => counter.take(copies, source),
    conclude: async () => {
      counter.close();
      if (compare === undefined || comparing === undefined) return exitCodes.ok;
      if (stolen > 0) reporter.notice(stolenNotice(stolen));
      return await concludeComparing(compare, { comparing, totals: counter.totals, reporter });
    },
  };
}

function sharedRate(perSecond: number | null): (() => boolean) | undefined {
  if (perSecond === null) return undefined;
  const bucket = new TokenBucket({ perSecond, burst: Math.max(1, perSecond) }, performance.now());
  return () => bucket.take(performance.now());
}

/** Whom to ask once more where answers differ. */
interface PairSource {
  readonly openStream: OpenStream;
  isOver: boolean;
}

/** Takes the pairs of one session. The others go on when it ends. */
function pairsOf(
  comparing: Comparing,
  about: {
    readonly sources: WeakMap<AnsweredPair, PairSource>;
    readonly member: string | undefined;
    readonly openStream: OpenStream;
  },
): PairTaker {
  const { sources, member, openStream } = about;
  const source = { openStream, isOver: false };
  return {
    take: (pair) => {
      const told = member === undefined ? pair : ofMember(pair, member);
      sources.set(told, source);
      comparing.take(told);
    },
    settled: (options) => comparing.settled(options),
    flush: () => {
      source.isOver = true;
      if (member === undefined) comparing.flush();
    },
  };
}

/** Each member counts its requests by itself. */
function ofMember(pair: AnsweredPair, member: string): AnsweredPair {
  const { meta } = pair.opening;
  const requestId = memberRequestId(member, meta.requestId);
  return { ...pair, opening: { ...pair.opening, meta: { ...meta, requestId } } };
}

function count(counter: CopyCounter, end: CopyEnd): void {
  // What we cancel ourselves at the end is nobody's fault, and neither is a bound.
  if (end.how !== "failed" || end.code === "cancelled" || end.code === "over-bound") return;
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

function comparedAnswers({ request, comparison }: ComparedExchange): ComparedAnswers {
  const { verdict, differences } = comparison;
  return {
    requestId: request.id ?? "",
    verdict: verdict === "incomparable" ? "not-compared" : verdict,
    differences: differences.map(({ place, original, local }) => ({
      place: formatPlace(place),
      original: original ?? "",
      local: local ?? "",
    })),
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
