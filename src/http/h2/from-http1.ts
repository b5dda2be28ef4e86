import type { Fields } from "../fields.ts";
import type { HeaderPair } from "../hpack/encode-plain.ts";

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
