import { isUtf8 } from "node:buffer";
import type { AnswerPart, HeaderLine, RequestDetail, Timing } from "../page-contract.ts";
import type { HarEntry, HarPair, HarRequest, HarResponse, RecordedEntry } from "./har-format.ts";

/** Gives one entry of a HAR 1.2 file. What HAR has no word for stands under `_magpie`, as its §3 allows. */
export function harEntryOf({ detail, bodies }: RecordedEntry): HarEntry {
  const { row } = detail;
  const request = harRequest(detail, bodies.request);
  const isRequestSaid = bodies.request === null || isText(bodies.request);
  const ofOthers = {
    ...(isRequestSaid ? {} : { request: bodies.request.toString("base64") }),
    ...(bodies["other-answer"] === null ? {} : { "other-answer": bodies["other-answer"].toString("base64") }),
  };
  return {
    startedDateTime: new Date(row.at).toISOString(),
    time: row.durationMs ?? 0,
    request,
    response: harResponse(detail.answer, bodies.answer),
    cache: {},
    timings: harTimings(detail),
    ...(row.peer === "" ? {} : { connection: row.peer }),
    _magpie: detail,
    ...(Object.keys(ofOthers).length === 0 ? {} : { _magpieBodies: ofOthers }),
  };
}

/** Gives a whole file, piece by piece, so that it is never in memory as a whole. */
export function* harTextOf(entries: Iterable<RecordedEntry>, version: string): Generator<string> {
  const creator = JSON.stringify({ name: "magpie", version });
  yield `{"log":{"version":"1.2","creator":${creator},"entries":[`;
  let separator = "\n";
  for (const entry of entries) {
    yield `${separator}${JSON.stringify(harEntryOf(entry))}`;
    separator = ",\n";
  }
  yield "\n]}}\n";
}

function harRequest({ row, request }: RequestDetail, body: Buffer | null): HarRequest {
  const url = urlOf(request.target, row.host, row.protocol === "tls" ? "https" : "http");
  const type = fieldOf(request.headers, "content-type");
  const hasText = body !== null && body.length > 0;
  return {
    method: row.method || "CONNECT",
    url,
    httpVersion: request.version,
    cookies: cookiesIn(request.headers.filter(([name]) => name.toLowerCase() === "cookie")),
    headers: request.headers.map(pairOf),
    queryString: queryOf(url),
    // HAR has no word for a request's binary content: the text is empty then, and the bytes are ours.
    ...(hasText
      ? { postData: { mimeType: type, text: isText(body) ? body.toString("utf8") : "", params: [] } }
      : {}),
    headersSize: -1,
    bodySize: request.body.bytes,
  };
}

function harResponse(answer: AnswerPart | null, body: Buffer | null): HarResponse {
  // As browsers write a request that nobody answered.
  if (answer === null) {
    return {
      status: 0,
      statusText: "",
      httpVersion: "",
      cookies: [],
      headers: [],
      content: { size: 0, mimeType: "x-unknown" },
      redirectURL: "",
      headersSize: -1,
      bodySize: -1,
    };
  }
  const { headers } = answer;
  return {
    status: answer.status,
    statusText: answer.statusText,
    httpVersion: answer.version,
    cookies: cookiesSet(headers),
    headers: headers.map(pairOf),
    content: {
      size: body?.length ?? 0,
      mimeType: fieldOf(headers, "content-type"),
      ...(body === null ? {} : contentOf(body)),
    },
    redirectURL: fieldOf(headers, "location"),
    headersSize: -1,
    bodySize: answer.body.bytes,
  };
}

function contentOf(body: Buffer): { text: string; encoding?: "base64" } {
  if (isText(body)) return { text: body.toString("utf8") };
  return { text: body.toString("base64"), encoding: "base64" };
}

/** HAR's phases; -1 stands for one that does not apply. */
function harTimings({ row, timings }: RequestDetail): HarEntry["timings"] {
  const lengthOf = (name: Timing["name"]): number | undefined => {
    const bar = timings.find((timing) => timing.name === name);
    return bar === undefined ? undefined : (bar.untilMs ?? row.durationMs ?? bar.fromMs) - bar.fromMs;
  };
  return {
    blocked: lengthOf("held") ?? -1,
    send: lengthOf("to-local") ?? 0,
    wait: lengthOf("waiting") ?? lengthOf("original") ?? row.durationMs ?? 0,
    receive: lengthOf("answer") ?? 0,
  };
}

function urlOf(target: string, host: string, scheme: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return target;
  return `${scheme}://${host || "unknown.invalid"}${target.startsWith("/") ? target : "/"}`;
}

function queryOf(url: string): HarPair[] {
  const at = url.indexOf("?");
  if (at === -1) return [];
  const end = url.indexOf("#", at);
  return [...new URLSearchParams(url.slice(at + 1, end === -1 ? undefined : end))].map(pairOf);
}

function cookiesIn(lines: readonly HeaderLine[]): HarPair[] {
  return lines.flatMap(([, value]) =>
    value
      .split(";")
      .filter((part) => part.trim() !== "")
      .map(cookieOf),
  );
}

function cookiesSet(headers: readonly HeaderLine[]): HarPair[] {
  const set = headers.filter(([name]) => name.toLowerCase() === "set-cookie");
  return set.map(([, value]) => cookieOf(value.split(";", 1)[0] ?? ""));
}

function cookieOf(text: string): HarPair {
  const [name = "", ...value] = text.trim().split("=");
  return { name, value: value.join("=") };
}

function fieldOf(headers: readonly HeaderLine[], wanted: string): string {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? "";
}

function pairOf([name, value]: readonly [string, string]): HarPair {
  return { name, value };
}

/** Whether the bytes are the same again when they are read as UTF-8 and written. */
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
