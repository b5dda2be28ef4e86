import type { Fields } from "../fields.ts";
import type { Http2RequestHead } from "./request-head.ts";

/**
 * Says a request of HTTP/2 as the head of an HTTP/1.1 message, latin-1 text with its empty line (RFC 9113 §8.1, §8.3.1).
 *
 * `:authority` becomes Host, in front as RFC 9110 §7.2 wishes. Without a Content-Length the body goes chunked, and
 * trailers may follow it; `hasBody` is false when HEADERS ended the stream. An extended CONNECT has no such form: see
 * {@link http1UpgradeHead}.
 */
export function http1RequestHead(
  request: Http2RequestHead,
  { hasBody }: { readonly hasBody: boolean },
): string {
  const isConnect = request.method === "CONNECT";
  let text = `${request.method} ${request.target} HTTP/1.1\r\n${hostLine(request)}${fieldLines(request)}`;
  // A body that a CONNECT seems to have is the tunnel's.
  if (hasBody && request.contentLength === undefined && !isConnect) text += "transfer-encoding: chunked\r\n";
  // RFC 9110 §10.1.4: TE is a field of the connection there.
  if (request.fields.first("te") !== undefined) text += "connection: te\r\n";
  return `${text}\r\n`;
}

/**
 * Says an extended CONNECT for WebSocket as the HTTP/1.1 request that asks for the same (RFC 8441 §5).
 * @param key the Sec-WebSocket-Key, 16 random bytes in base64; HTTP/2 has none
 */
export function http1UpgradeHead(request: Http2RequestHead, key: string): string {
  const upgrade = `connection: upgrade\r\nupgrade: ${request.protocol ?? "websocket"}\r\n`;
  return (
    `GET ${request.target} HTTP/1.1\r\n${hostLine(request)}${upgrade}` +
    `sec-websocket-key: ${key}\r\n${fieldLines(request)}\r\n`
  );
}

function hostLine(request: Http2RequestHead): string {
  return `host: ${request.authority}\r\n`;
}

function fieldLines(request: Http2RequestHead): string {
  let text = "";
  for (const [name, value] of request.fields.pairs()) if (name !== "host") text += `${name}: ${value}\r\n`;
  return text;
}

/** Says a response of HTTP/2 as an HTTP/1.1 head, latin-1 with its empty line; `framing` are lines that end in CRLF. */
export function http1ResponseHead(
  response: { readonly status: number; readonly fields: Fields },
  { reason, framing = "" }: { readonly reason: string; readonly framing?: string },
): string {
  return `HTTP/1.1 ${response.status} ${reason}\r\n${http1FieldLines(response.fields)}${framing}\r\n`;
}

/** Says fields of HTTP/2, trailers for instance, as lines of HTTP/1.1, each with its CRLF. */
export function http1FieldLines(fields: Fields): string {
  let text = "";
  for (const [name, value] of fields.pairs()) text += `${name}: ${value}\r\n`;
  return text;
}
