import { encodePlain, parseRequestHead, readRequestHead } from "../../../http/index.ts";
import { readPlainBlock } from "../../incoming/index.ts";
import { InspectorError } from "../errors.ts";
import type { HeaderLine } from "../page-contract.ts";

/** A request as it was edited. */
export interface SaidHead {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly HeaderLine[];
  readonly bodyBytes: number;
}

/** Framing is ours: it must fit the content that is sent. What waits for a go-ahead would wait for one that nobody gives. */
const framing = new Set(["content-length", "transfer-encoding", "expect", "trailer"]);
/** RFC 9113 §8.2.2. */
const ofConnection = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "upgrade",
  "host",
  "http2-settings",
]);
/** Without content these say so (RFC 9110 §8.6). */
const withContent = new Set(["POST", "PUT", "PATCH"]);

/** Writes a head of HTTP/1.1. @throws InspectorError 400 for what is no head of a request */
export function http1HeadOf({ method, target, headers, bodyBytes }: SaidHead): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`];
  const authority = headers.find(([name]) => name.toLowerCase() === ":authority")?.[1];
  const hasHost = headers.some(([name]) => name.toLowerCase() === "host");
  if (!hasHost && authority !== undefined) lines.push(`Host: ${checked(authority)}`);
  for (const [name, value] of headers) {
    if (name.startsWith(":") || framing.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${checked(value)}`);
  }
  if (bodyBytes > 0 || withContent.has(method)) lines.push(`Content-Length: ${bodyBytes}`);
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  const read = parseRequestHead(head);
  if ("ambiguity" in read)
    throw new InspectorError(400, `this is no request of HTTP/1.1: ${read.ambiguity}`, {
      hint: "Look at the method, the target and the names of fields: they hold no blanks.",
    });
  if (read.mayUpgrade)
    throw new InspectorError(400, "a request that changes the protocol cannot be sent from here", {
      hint: "Take the field Upgrade away.",
    });
  return head;
}

/** Writes a head of HTTP/2, as a block that needs no table. @throws InspectorError 400 */
export function http2HeadOf(
  { method, target, headers, bodyBytes }: SaidHead,
  { scheme }: { readonly scheme: "http" | "https" },
): Buffer {
  const said = (wanted: string): string | undefined =>
    headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const authority = said(":authority") ?? said("host") ?? "";
  const fields = headers
    .map(([name, value]): [string, string] => [name.toLowerCase(), checked(value)])
    .filter(([name]) => !name.startsWith(":") && !framing.has(name) && !ofConnection.has(name));
  const block = encodePlain([
    [":method", method],
    [":scheme", said(":scheme") ?? scheme],
    [":path", target],
    ...(authority === "" ? [] : [[":authority", checked(authority)] as const]),
    ...fields,
    ...(bodyBytes > 0 && said("content-length") !== undefined
      ? [["content-length", String(bodyBytes)] as const]
      : []),
  ]);
  const read = readRequestHead(readPlainBlock(block).fields);
  if ("malformed" in read) throw new InspectorError(400, `this is no request of HTTP/2: ${read.malformed}`);
  if (method === "CONNECT")
    throw new InspectorError(400, "a request that changes the protocol cannot be sent from here");
  return block;
}

function checked(value: string): string {
  // RFC 9110 §5.5: these end a field, or have no meaning in one; and one character is one byte of the wire.
  if (/[\0\r\n]/.test(value)) throw new InspectorError(400, "the value of a field holds a line break or NUL");
  if (/[^\0-\xff]/.test(value)) return Buffer.from(value, "utf8").toString("latin1");
  return value;
}
