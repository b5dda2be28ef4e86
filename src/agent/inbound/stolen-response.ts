import type { Fields, Http1Response } from "../../http/index.ts";

/** How the body of a stolen response is written to the client. */
export type ResponseBody =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

/** What is known of the client that a response is written for. */
export interface ResponseReader {
  readonly version: "1.0" | "1.1" | "2";
  readonly keepAlive: boolean;
}

/**
 * Fields of the connection to the local process, not of the response (RFC 9110 §7.6.1). The client's connection is
 * another one: what these say of it is written anew.
 */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding"]);

/**
 * Frames a response of the local process for the client: every field in its order and case, but the framing and the
 * connection's fields are ours. Gives the head's bytes, how the body goes, and whether the connection lives on.
 */
export function frameResponse(
  response: Http1Response,
  reader: ResponseReader,
): { head: Buffer; body: ResponseBody; keepAlive: boolean } {
  const body = bodyFor(response, reader);
  const keepAlive = reader.keepAlive && body.kind !== "close";
  let text = statusLine(response) + endToEndFields(response.fields);
  if (body.kind === "chunked") text += "Transfer-Encoding: chunked\r\n";
  if (!keepAlive) text += "Connection: close\r\n";
  else if (reader.version === "1.0") text += "Connection: keep-alive\r\n";
  return { head: Buffer.from(`${text}\r\n`, "latin1"), body, keepAlive };
}

function bodyFor(response: Http1Response, reader: ResponseReader): ResponseBody {
  const { framing } = response;
  if (framing.kind === "none" || framing.kind === "length") return framing;
  // RFC 9112 §6.1: a client of HTTP/1.0 knows no chunks.
  return reader.version === "1.0" ? { kind: "close" } : { kind: "chunked" };
}

function statusLine(response: Http1Response): string {
  const { text } = response.fields;
  return text.slice(0, text.indexOf("\r\n") + 2);
}

function endToEndFields(fields: Fields): string {
  const named = namedByConnection(fields);
  let text = "";
  for (let index = 0; index < fields.count; index++) {
    const name = fields.name(index).toLowerCase();
    if (HOP_BY_HOP.has(name) || named.has(name)) continue;
    text += `${fields.name(index)}: ${fields.value(index)}\r\n`;
  }
  return text;
}

/** RFC 9110 §7.6.1: a field that Connection names is for this hop only. */
function namedByConnection(fields: Fields): Set<string> {
  const names = fields.all("connection").flatMap((value) => value.split(","));
  return new Set(names.map((name) => name.trim().toLowerCase()));
}
