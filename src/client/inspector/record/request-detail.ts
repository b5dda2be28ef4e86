import { asCurl } from "../as-curl.ts";
import { decisionView } from "../decisions/decision-joiner.ts";
import type { AnswerPart, BodyFacts, BodySide, RequestDetail, Timing } from "../page-contract.ts";
import { type ReadBody, readBody } from "./bodies.ts";
import { linesOfRequest, linesOfTrailers, readKeptAnswer, readKeptRequest } from "./heads.ts";
import { type RecordedAnswer, type RecordedRequest, rowOf } from "./recorded-request.ts";
import type { RequestStore } from "./request-store.ts";

/** Of an answer whose content was never seen. */
const unseen: BodyFacts = { bytes: 0, keptBytes: 0, type: "", decoded: null, whyNotKept: null };

/** A request as the page and HAR files have it, with its bodies. */
export async function detailOf(
  store: RequestStore,
  request: RecordedRequest,
): Promise<{ readonly detail: RequestDetail; readonly bodies: Record<BodySide, Buffer | null> }> {
  const [asked, answered, other] = await Promise.all([
    readBody(store, request, "request"),
    readBody(store, request, "answer"),
    readBody(store, request, "other-answer"),
  ]);
  const bodies = {
    request: asked?.bytes ?? null,
    answer: answered?.bytes ?? null,
    "other-answer": other?.bytes ?? null,
  };
  if (request.imported !== undefined)
    return { detail: { ...request.imported, row: rowOf(request), from: request.from }, bodies };
  const decision = await request.decision?.read(store.log);
  const detail: RequestDetail = {
    row: rowOf(request),
    request: requestPart(request, asked?.facts ?? unseen),
    answer: answerPart(request, request.answer, answered),
    otherAnswer: answerPart(request, request.other, other),
    otherAnsweredBy: request.other === undefined ? null : request.otherAnsweredBy,
    timings: timingsOf(request),
    decision: decisionView(decision),
    differences: request.differences,
    from: request.from,
    curl: await curlOf(store, request),
  };
  return { detail, bodies };
}

function requestPart(request: RecordedRequest, body: BodyFacts): RequestDetail["request"] {
  const { row, head } = request;
  const read = readKeptRequest(head);
  return {
    target: row.path,
    version: head.form === "http2" || row.protocol === "http2" ? "HTTP/2" : `HTTP/${read?.version ?? "1.1"}`,
    headers: linesOfRequest(head),
    trailers: linesOfTrailers(request.trailers),
    valuesHidden: head.form === "names",
    body,
  };
}

function answerPart(
  { row }: RecordedRequest,
  answer: RecordedAnswer | undefined,
  body: ReadBody | undefined,
): AnswerPart | null {
  if (answer === undefined) {
    // Of the app's answer the agent has told how it began.
    if (row.status === null || !(row.headsOnly || row.what === "mirrored")) return null;
    const whyNotKept = "the app answered, and only the status of its answer was seen here";
    return { ...bare, status: row.status, body: { ...unseen, bytes: row.bytesOut, whyNotKept } };
  }
  const read = readKeptAnswer(answer.head, row.method);
  if (read === undefined)
    return row.kind === "raw" ? { ...bare, status: 0, body: body?.facts ?? unseen } : null;
  const { status, statusText, version, headers } = read;
  const trailers = linesOfTrailers(answer.trailers);
  return { status, statusText, version, headers, trailers, valuesHidden: false, body: body?.facts ?? unseen };
}

const bare = { statusText: "", version: "", headers: [], trailers: [], valuesHidden: true } as const;

function timingsOf(request: RecordedRequest): Timing[] {
  const { row, heldMs, deliveredMs, wholeMs, answer, other, originalMs, startMs } = request;
  const nowMs = performance.now() - startMs;
  const timings: Timing[] = [];
  const add = (name: Timing["name"], fromMs: number, untilMs: number | null): void => {
    timings.push({ name, fromMs, untilMs });
  };
  if (heldMs !== null) add("held", heldMs, deliveredMs ?? (request.isOver ? row.durationMs : null));
  if (row.headsOnly) {
    const first = originalMs?.first ?? null;
    const end = originalMs?.end ?? row.durationMs;
    add("waiting", 0, first ?? end);
    if (first !== null) add("answer", first, end);
    return timings;
  }
  const here = row.what === "mirrored" ? other : answer;
  if (deliveredMs !== null) {
    const sent = wholeMs === null ? null : Math.max(wholeMs, deliveredMs);
    add("to-local", deliveredMs, sent ?? here?.firstMs ?? (request.isOver ? row.durationMs : null));
    if (row.what === "mirrored")
      add("other", sent ?? deliveredMs, here?.endMs ?? (request.isOver ? nowMs : null));
    else {
      const from = Math.min(sent ?? deliveredMs, here?.firstMs ?? Number.POSITIVE_INFINITY);
      add("waiting", from, here?.firstMs ?? (request.isOver ? row.durationMs : null));
      if (here?.firstMs !== null && here !== undefined) add("answer", here.firstMs, here.endMs);
    }
  }
  if (originalMs !== undefined && originalMs.end !== null) add("original", 0, originalMs.end);
  return timings;
}

async function curlOf(store: RequestStore, request: RecordedRequest): Promise<string | null> {
  const { row, head } = request;
  if (head.form !== "http1" && head.form !== "http2") return null;
  const body = await readBody(store, request, "request", { decodes: false });
  return asCurl({
    method: row.method,
    target: row.path,
    host: row.host,
    scheme: request.isTls ? "https" : "http",
    isHttp2: head.form === "http2",
    headers: linesOfRequest(head),
    body: body?.bytes ?? Buffer.alloc(0),
    bodyFile: `request-${request.id}.bin`,
  });
}
