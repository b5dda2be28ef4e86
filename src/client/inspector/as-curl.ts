import { isUtf8 } from "node:buffer";
import type { HeaderLine } from "./page-contract.ts";

/** A request as it is to be said again. */
export interface SaidRequest {
  readonly method: string;
  /** As on the request line: a path with its query, a whole URL, or `*`. */
  readonly target: string;
  readonly host: string;
  readonly scheme: "http" | "https";
  readonly isHttp2: boolean;
  readonly headers: readonly HeaderLine[];
  readonly body: Buffer;
  /** What a file is called that has the body, where a shell cannot say it. */
  readonly bodyFile: string;
}

/** curl says these by itself, or they belong to one connection (RFC 9110 §7.6.1). */
const notSaid = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);
/** curl sends these unless they are taken away. */
const saidByItself = ["accept", "user-agent"];

/**
 * Gives a shell command (POSIX sh and above) by which curl says the same request. A body that is no text is taken from
 * `bodyFile`, which whoever runs it has to save first.
 */
export function asCurl(request: SaidRequest): string {
  const { method, headers, body } = request;
  const words = ["curl"];
  if (request.isHttp2) words.push(request.scheme === "https" ? "--http2" : "--http2-prior-knowledge");
  // Curly brackets and dots are the request's own, not curl's.
  words.push("--globoff", "--path-as-is");
  if (method === "HEAD") words.push("--head");
  else if (method !== (body.length > 0 ? "POST" : "GET")) words.push("--request", quoted(method));
  const lines = [words.join(" "), ...targetWords(request)];
  for (const [name, value] of headers) {
    if (name.startsWith(":") || notSaid.has(name.toLowerCase())) continue;
    // A name with nothing behind it is curl's way of taking a field away; with a semicolon it is one without a value.
    lines.push(`--header ${quoted(value === "" ? `${name};` : `${name}: ${value}`)}`);
  }
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const unsaid = body.length > 0 ? [...saidByItself, "content-type"] : saidByItself;
  for (const name of unsaid) if (!names.has(name)) lines.push(`--header ${quoted(`${name}:`)}`);
  if (body.length > 0) lines.push(bodyWords(body, request.bodyFile));
  return lines.join(" \\\n  ");
}

function targetWords({ scheme, host, target }: SaidRequest): string[] {
  if (target.startsWith("/")) return [quoted(`${scheme}://${host}${target}`)];
  return [`--request-target ${quoted(target)}`, quoted(`${scheme}://${host}/`)];
}

function bodyWords(body: Buffer, file: string): string {
  const text = body.toString("utf8");
  const isText = isUtf8(body) && !hasControls(text);
  // `--data-raw` takes an @ at the beginning for what it is.
  return isText ? `--data-raw ${quoted(text)}` : `--data-binary ${quoted(`@${file}`)}`;
}

function hasControls(text: string): boolean {
  for (const character of text) {
    const code = character.charCodeAt(0);
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a) || code === 0x7f) return true;
  }
  return false;
}

/** One word of a POSIX shell, whatever is in it (POSIX.1-2017, Shell Command Language §2.2.2). */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
