import type { Fields } from "../fields.ts";
import type { HeaderPair } from "../hpack/encode-plain.ts";
import type { Http1Request } from "../request.ts";

/** RFC 9113 §8.2.2: these mean one connection and have no place in HTTP/2. */
const CONNECTION_FIELDS = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** Says the head of an HTTP/1.1 response as an HTTP/2 field list: names in lower case, nothing of the connection. */
export function http2ResponseFields(response: {
  readonly status: number;
  readonly fields: Fields;
}): HeaderPair[] {
  return [[":status", String(response.status)], ...http2Fields(response.fields)];
}

/**
 * Says the answer to an upgrade as the answer to an extended CONNECT (RFC 8441 §5): 101 becomes 200, and the proof that
 * the key was understood goes. Any other answer stays what it is.
 */
export function http2UpgradeFields(response: {
  readonly status: number;
  readonly fields: Fields;
}): HeaderPair[] {
  if (response.status !== 101) return http2ResponseFields(response);
  const fields = http2Fields(response.fields).filter(([name]) => name !== "sec-websocket-accept");
  return [[":status", "200"], ...fields];
}

/**
 * Says the head of an HTTP/1.1 request as an HTTP/2 field list (RFC 9113 §8.3.1, §8.5): Host becomes `:authority`, and of
 * TE only `trailers` stays, which HTTP/2 allows.
 */
export function http2RequestFields(
  request: Http1Request,
  { scheme }: { readonly scheme: string },
): HeaderPair[] {
  const { method, authority } = request;
  if (method === "CONNECT")
    return [[":method", method], [":authority", authority], ...requestFields(request)];
  return [[":method", method], ...addressOf(request, scheme), ...requestFields(request)];
}

/** Says a request for WebSocket as an extended CONNECT (RFC 8441 §5); it needs no key. */
export function http2WebSocketFields(
  request: Http1Request,
  { scheme }: { readonly scheme: string },
): HeaderPair[] {
  return [
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    ...addressOf(request, scheme),
    ...requestFields(request).filter(([name]) => name !== "sec-websocket-key"),
  ];
}

function addressOf({ target, authority }: Http1Request, scheme: string): HeaderPair[] {
  const absolute = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/[^/?#]*(?<path>.*)$/i.exec(target)?.groups;
  const path = absolute?.["path"] ?? target;
  const pairs: HeaderPair[] = [[":scheme", absolute?.["scheme"]?.toLowerCase() ?? scheme]];
  if (authority !== "") pairs.push([":authority", authority]);
  // RFC 9112 §3.2.2: an absolute form may lack its path.
  pairs.push([":path", path === "*" || path.startsWith("/") ? path : `/${path}`]);
  return pairs;
}

function requestFields({ fields }: Http1Request): HeaderPair[] {
  const pairs = http2Fields(fields).filter(([name]) => name !== "host");
  if (takesTrailers(fields)) pairs.push(["te", "trailers"]);
  return pairs;
}

/** Whether who sent these fields wants trailers (RFC 9110 §10.1.4). */
export function takesTrailers(fields: Fields): boolean {
  return fields
    .all("te")
    .some((value) => value.split(",").some((coding) => coding.trim().toLowerCase() === "trailers"));
}

/** Fields of an HTTP/1.1 message, head or trailers, as HTTP/2 may have them (RFC 9110 §7.6.1 with RFC 9113 §8.2). */
export function http2Fields(fields: Fields): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  const nominated = new Set<string>();
  for (const value of fields.all("connection"))
    for (const option of value.split(",")) nominated.add(option.trim().toLowerCase());
  for (const [name, value] of fields.pairs()) {
    const lowerName = name.toLowerCase();
    if (!CONNECTION_FIELDS.has(lowerName) && !nominated.has(lowerName)) pairs.push([lowerName, value]);
  }
  return pairs;
}
