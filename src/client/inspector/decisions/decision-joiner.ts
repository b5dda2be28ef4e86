import type { AskedFilter, DecisionRecord, ExplainedClause } from "../../../protocol/index.ts";
import { memberRequestId } from "../../running/member-reporter.ts";
import type { AskedFilterView, ClauseView, RequestDetail } from "../page-contract.ts";
import { KeptContent } from "../record/kept-content.ts";
import type { RecordedRequest } from "../record/recorded-request.ts";
import type { RequestStore } from "../record/request-store.ts";

/** Whose eyes a decision was told to. */
export interface DecisionReader {
  readonly member: string | undefined;
  /** Null for one that only looks on. */
  readonly sessionId: string | null;
  /** The target's own number of a port of its pods. */
  readonly remoteOf: (inPod: number) => number;
}

/** Longer ones are cut in the list; the detail has them whole. */
const maxBecause = 160;
/** A decision in JSON is cut at 160 KB by the agent. */
const maxDecisionBytes = 256 * 1024;

/** Puts what an agent says of a request to what was seen of it here, or makes a row of heads for one that went past us. */
export function joinDecision(
  store: RequestStore,
  record: DecisionRecord,
  reader: DecisionReader,
): RecordedRequest {
  const { member } = reader;
  const requestId = member === undefined ? record.requestId : memberRequestId(member, record.requestId);
  const known = store.byRequestId(requestId);
  const request = known ?? begun(store, record, requestId);
  const { row } = request;
  const isOurs = record.session !== null && record.session === reader.sessionId;
  if (known === undefined) {
    row.port = reader.remoteOf(record.port);
    row.member = member ?? null;
    row.what = whatOf(record, { isOurs, sessionId: reader.sessionId });
  }
  row.because = deciding(record);
  row.isProbe = record.isProbe;
  const answeredHere = isOurs && (record.verdict === "stolen" || record.verdict === "stolen-raw");
  // A request that we had and did not answer is the app's in the end.
  row.answeredBy = answeredHere ? "here" : answererOf(record);
  if (record.failure !== null) row.failure = record.failure;
  if (!answeredHere || known === undefined) takeFacts(request, record);
  request.originalMs = answeredHere ? undefined : { first: record.firstByteMs, end: record.durationMs };
  request.decision = new KeptContent();
  const { head: _head, type: _type, ...told } = record;
  request.decision.add(store.log, Buffer.from(JSON.stringify(told)), maxDecisionBytes);
  store.touch(request);
  return request;
}

function begun(store: RequestStore, record: DecisionRecord, requestId: string): RecordedRequest {
  const request = store.begin({ source: "live", requestId, at: record.at });
  const { row } = request;
  row.headsOnly = true;
  row.protocol = record.protocol;
  row.peer = record.peer;
  row.method = record.method;
  row.path = record.target;
  if (record.method === "") row.kind = "raw";
  request.head = { form: "names", text: record.headerNames.join("\n") };
  return request;
}

/** What only the agent has seen. */
function takeFacts(request: RecordedRequest, record: DecisionRecord): void {
  const { row } = request;
  row.status = record.status ?? row.status;
  row.bytesIn = Math.max(row.bytesIn, record.bytesIn);
  row.bytesOut = Math.max(row.bytesOut, record.bytesOut);
  if (record.durationMs === null) {
    if (request.row.headsOnly) row.state = record.status === null ? "waiting" : "answering";
    return;
  }
  row.durationMs = record.durationMs;
  row.state = record.status === null && record.method !== "" && record.failure !== null ? "failed" : "over";
}

function whatOf(
  { mirrors, verdict }: DecisionRecord,
  { isOurs, sessionId }: { isOurs: boolean; sessionId: string | null },
): RecordedRequest["row"]["what"] {
  if (isOurs && (verdict === "stolen" || verdict === "stolen-raw")) return "stolen";
  return sessionId !== null && mirrors.some(({ session }) => session === sessionId) ? "mirrored" : "passed";
}

function answererOf({ verdict, sessionName, session }: DecisionRecord): string {
  if (verdict !== "stolen" && verdict !== "stolen-raw") return "the app";
  return sessionName ?? session ?? "another session";
}

/** The deciding clause: of whoever took it, else all that is said. */
function deciding({ explanation, reason, isProbe }: DecisionRecord): string {
  const taker = isProbe ? undefined : explanation?.find(({ matches }) => matches);
  const text =
    taker?.because ?? (explanation?.length === 1 && !isProbe ? explanation[0]?.because : undefined) ?? reason;
  return text.length <= maxBecause ? text : `${text.slice(0, maxBecause - 1)}…`;
}

type Told = Pick<DecisionRecord, "reason" | "explanation" | "unexplained" | "mirrors">;

/** What the page shows of a decision as it was kept; null for one that is not there. */
export function decisionView(json: Buffer | undefined): RequestDetail["decision"] {
  if (json === undefined) return null;
  // It was written by `joinDecision` from a record that had been checked.
  const { reason, explanation, unexplained, mirrors } = JSON.parse(json.toString("utf8")) as Told;
  return {
    reason,
    asked: (explanation ?? []).map(askedView),
    unexplained,
    mirrors: mirrors.map(({ name, outcome }) => ({ name, outcome })),
  };
}

function askedView({ name, filter, matches, because, clauses }: AskedFilter): AskedFilterView {
  return { session: name, filter, matches, because, clauses: clauses === null ? null : clauseView(clauses) };
}

function clauseView({ result, clause, because, parts }: ExplainedClause): ClauseView {
  return { result, clause, because, parts: parts.map(clauseView) };
}
