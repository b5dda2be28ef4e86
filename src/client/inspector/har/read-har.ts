import type { AnswerPart, BodyFacts, BodySide, HeaderLine, RequestDetail, Row } from "../page-contract.ts";
import type { RecordedEntry } from "./har-format.ts";

/** What was read of a HAR file. */
export interface ReadHar {
  readonly entries: readonly RecordedEntry[];
  /** What was left out, and why, in sentences. */
  readonly skipped: readonly string[];
}

/** More is not read. */
const maxEntries = 100_000;
/** Longer texts are cut: a header, a URL. */
const maxText = 64 * 1024;
const maxHeaders = 1_000;
const maxReasons = 20;

/**
 * Reads a HAR file of anybody's: browsers, proxies, magpie. Nothing in it is trusted: what has another form than HAR 1.2
 * says is skipped, entry by entry. Ids are made up from 1 on; whoever keeps the rows gives them others.
 * @throws Error when it is no HAR file at all
 */
export function readHar(text: string): ReadHar {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new Error(`this is no HAR file: ${cause instanceof Error ? cause.message : "it is not JSON"}`, {
      cause,
    });
  }
  const entries = objectIn(objectIn(file)["log"])["entries"];
  if (!Array.isArray(entries)) throw new Error("this is no HAR file: log.entries is missing");
  const read: RecordedEntry[] = [];
  const reasons: string[] = [];
  let left = 0;
  for (const [index, entry] of entries.slice(0, maxEntries).entries()) {
    const result = readEntry(objectIn(entry), read.length + 1);
    if (typeof result !== "string") read.push(result);
    else if (reasons.length < maxReasons) reasons.push(`entry ${index + 1}: ${result}`);
    else left++;
  }
  if (left > 0) reasons.push(`and ${left} more`);
  if (entries.length > maxEntries)
    reasons.push(`${entries.length - maxEntries} entries beyond ${maxEntries}`);
  return { entries: read, skipped: reasons };
}

type Fields = Readonly<Record<string, unknown>>;

/** Gives the reason when it cannot be read. */
function readEntry(entry: Fields, id: number): RecordedEntry | string {
  const said = objectIn(entry["request"]);
  const method = textIn(said["method"]);
  const address = textIn(said["url"]);
  if (method === "" || address === "") return "it has no request with method and url";
  const url = URL.parse(address);
  if (url === null) return `its url cannot be read: ${address.slice(0, 80)}`;
  const at = Date.parse(textIn(entry["startedDateTime"]));
  if (Number.isNaN(at)) return "startedDateTime is no date";
  const ours = objectIn(entry["_magpie"]);
  const more = objectIn(entry["_magpieBodies"]);
  const posted = objectIn(said["postData"]);
  const requestBody = base64In(more["request"]) ?? bytesIn(posted["text"]);
  const answered = objectIn(entry["response"]);
  const content = objectIn(answered["content"]);
  const answerBody = content["encoding"] === "base64" ? base64In(content["text"]) : bytesIn(content["text"]);
  const request = {
    target: targetOf(ours, url),
    version: textIn(said["httpVersion"]) || "HTTP/1.1",
    headers: headersIn(said["headers"]),
    trailers: linesIn(objectIn(ours["request"])["trailers"]),
    valuesHidden: objectIn(ours["request"])["valuesHidden"] === true,
    body: bodyFacts(objectIn(ours["request"]), requestBody, sizeIn(said["bodySize"])),
  };
  const answer = answerIn(answered, objectIn(ours["answer"]), answerBody);
  const other = objectIn(ours["otherAnswer"]);
  const otherBody = base64In(more["other-answer"]);
  const otherAnswer = sizeIn(other["status"]) === null ? null : ownAnswer(other, otherBody);
  const durationMs = durationIn(entry["time"]);
  const row = rowOf({ id, at, method, url, request, answer, durationMs, ours: objectIn(ours["row"]) });
  const detail: RequestDetail = {
    row,
    request,
    answer,
    otherAnswer,
    otherAnsweredBy: otherAnswer === null ? null : textIn(ours["otherAnsweredBy"]) || null,
    timings: timingsIn(objectIn(entry["timings"]), durationMs),
    decision: null,
    differences: null,
    from: null,
    curl: null,
  };
  const bodies = { request: requestBody, answer: answerBody, "other-answer": otherBody };
  return { detail, bodies } satisfies { detail: RequestDetail; bodies: Record<BodySide, Buffer | null> };
}

function rowOf(about: {
  id: number;
  at: number;
  method: string;
  url: URL;
  request: RequestDetail["request"];
  answer: AnswerPart | null;
  durationMs: number | null;
  ours: Fields;
}): Row {
  const { url, ours, answer, request } = about;
  return {
    id: about.id,
    source: "imported",
    at: about.at,
    port: portIn(ours["port"]) ?? portIn(url.port) ?? (url.protocol === "https:" ? 443 : 80),
    member: textIn(ours["member"]) || null,
    peer: textIn(ours["peer"]),
    protocol: choiceIn(ours["protocol"], ["http1", "http2", "tcp", "tls"]) ?? protocolOf(request.version),
    kind: choiceIn(ours["kind"], ["http", "grpc", "websocket", "sse", "raw"]) ?? kindOf(url, request, answer),
    method: about.method,
    host: url.host,
    path: request.target,
    status: answer?.status ?? null,
    grpcStatus: sizeIn(ours["grpcStatus"]),
    state: answer === null ? "failed" : "over",
    what: choiceIn(ours["what"], ["stolen", "mirrored", "passed"]) ?? "passed",
    answeredBy: textIn(ours["answeredBy"]) || url.host,
    because: textIn(ours["because"]) || "from a file",
    isProbe: ours["isProbe"] === true,
    durationMs: about.durationMs,
    bytesIn: request.body.bytes,
    bytesOut: answer?.body.bytes ?? 0,
    requestType: mediaType(request.headers),
    answerType: answer === null ? "" : mediaType(answer.headers),
    headsOnly: ours["headsOnly"] === true,
    compared: choiceIn(ours["compared"], ["same", "differs", "not-compared"] as const) ?? null,
    failure: answer === null ? textIn(ours["failure"]) || "nobody answered" : null,
  };
}

function answerIn(said: Fields, ours: Fields, body: Buffer | null): AnswerPart | null {
  const status = sizeIn(said["status"]);
  if (status === null || status < 100 || status > 999) return null;
  return {
    status,
    statusText: textIn(said["statusText"]),
    version: textIn(said["httpVersion"]) || "HTTP/1.1",
    headers: headersIn(said["headers"]),
    trailers: linesIn(ours["trailers"]),
    valuesHidden: ours["valuesHidden"] === true,
    body: bodyFacts(ours, body, sizeIn(said["bodySize"])),
  };
}

/** An answer that only we write. */
function ownAnswer(ours: Fields, body: Buffer | null): AnswerPart | null {
  const headers = linesIn(ours["headers"]).map(([name, value]) => ({ name, value }));
  const { status, statusText, version } = ours;
  return answerIn({ status, statusText, httpVersion: version, headers }, ours, body);
}

function bodyFacts(ours: Fields, body: Buffer | null, bodySize: number | null): BodyFacts {
  const said = objectIn(ours["body"]);
  return {
    bytes: bodySize ?? body?.length ?? 0,
    keptBytes: body?.length ?? 0,
    type: textIn(said["type"]),
    decoded: textIn(said["decoded"]) || null,
    whyNotKept: body === null && (bodySize ?? 0) > 0 ? "it is not in the file" : null,
  };
}

function timingsIn(said: Fields, durationMs: number | null): RequestDetail["timings"] {
  const phases = [
    ["held", "blocked"],
    ["to-local", "send"],
    ["waiting", "wait"],
    ["answer", "receive"],
  ] as const;
  let fromMs = 0;
  const bars: RequestDetail["timings"][number][] = [];
  for (const [name, phase] of phases) {
    const lengthMs = durationIn(said[phase]);
    if (lengthMs === null || lengthMs === 0) continue;
    bars.push({ name, fromMs, untilMs: fromMs + lengthMs });
    fromMs += lengthMs;
  }
  return bars.length > 0 || durationMs === null
    ? bars
    : [{ name: "waiting", fromMs: 0, untilMs: durationMs }];
}

/** As the request line had it where we wrote the file, since a URL has lost how it was written. */
function targetOf(ours: Fields, url: URL): string {
  return textIn(objectIn(ours["request"])["target"]) || `${url.pathname}${url.search}`;
}

function kindOf(
  url: URL,
  request: { headers: readonly HeaderLine[] },
  answer: AnswerPart | null,
): Row["kind"] {
  if (url.protocol === "ws:" || url.protocol === "wss:") return "websocket";
  if (mediaType(request.headers).startsWith("application/grpc")) return "grpc";
  return answer !== null && mediaType(answer.headers) === "text/event-stream" ? "sse" : "http";
}

function protocolOf(version: string): Row["protocol"] {
  return /^(?:h2|http\/2)/i.test(version) ? "http2" : "http1";
}

function mediaType(headers: readonly HeaderLine[]): string {
  const value = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  return (value.split(";", 1)[0] ?? "").trim().toLowerCase();
}

function headersIn(from: unknown): HeaderLine[] {
  if (!Array.isArray(from)) return [];
  const pairs = from.slice(0, maxHeaders).map(objectIn);
  return pairs
    .filter(({ name }) => typeof name === "string")
    .map(({ name, value }) => [textIn(name), textIn(value)]);
}

function linesIn(from: unknown): HeaderLine[] {
  if (!Array.isArray(from)) return [];
  return from.slice(0, maxHeaders).flatMap((line: unknown): HeaderLine[] => {
    return Array.isArray(line) ? [[textIn(line[0]), textIn(line[1])]] : [];
  });
}

function objectIn(from: unknown): Fields {
  // A list is an object too, and has no field that is asked for by name.
  return typeof from === "object" && from !== null ? (from as Fields) : {};
}

function textIn(from: unknown): string {
  return typeof from === "string" ? from.slice(0, maxText) : "";
}

function sizeIn(from: unknown): number | null {
  return typeof from === "number" && Number.isSafeInteger(from) && from >= 0 ? from : null;
}

function durationIn(from: unknown): number | null {
  return typeof from === "number" && Number.isFinite(from) && from >= 0 ? from : null;
}

function portIn(from: unknown): number | null {
  const port = typeof from === "string" && /^\d{1,5}$/.test(from) ? Number(from) : from;
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}

function choiceIn<Choice extends string>(from: unknown, choices: readonly Choice[]): Choice | undefined {
  return choices.find((choice) => choice === from);
}

function bytesIn(from: unknown): Buffer | null {
  return typeof from === "string" ? Buffer.from(from, "utf8") : null;
}

function base64In(from: unknown): Buffer | null {
  return typeof from === "string" ? Buffer.from(from, "base64") : null;
}
