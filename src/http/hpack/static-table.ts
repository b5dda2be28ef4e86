import { FieldEntry } from "./field-entry.ts";

/** RFC 7541 Appendix A, from index 1; a value stands behind a blank. */
const LINES = [
  ":authority",
  ":method GET",
  ":method POST",
  ":path /",
  ":path /index.html",
  ":scheme http",
  ":scheme https",
  ":status 200",
  ":status 204",
  ":status 206",
  ":status 304",
  ":status 400",
  ":status 404",
  ":status 500",
  "accept-charset",
  "accept-encoding gzip, deflate",
  "accept-language",
  "accept-ranges",
  "accept",
  "access-control-allow-origin",
  "age",
  "allow",
  "authorization",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-range",
  "content-type",
  "cookie",
  "date",
  "etag",
  "expect",
  "expires",
  "from",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-modified",
  "link",
  "location",
  "max-forwards",
  "proxy-authenticate",
  "proxy-authorization",
  "range",
  "referer",
  "refresh",
  "retry-after",
  "server",
  "set-cookie",
  "strict-transport-security",
  "transfer-encoding",
  "user-agent",
  "vary",
  "via",
  "www-authenticate",
];

/** The entries of the static table; the one of index 1 is at 0. */
export const STATIC_ENTRIES: readonly FieldEntry[] = LINES.map((line, index) => {
  const blank = line.indexOf(" ");
  if (blank === -1) return new FieldEntry(line, "", index + 1);
  return new FieldEntry(line.slice(0, blank), line.slice(blank + 1), index + 1);
});

/** The highest static index; dynamic ones follow. */
export const LAST_STATIC_INDEX = STATIC_ENTRIES.length;

const byName = new Map<string, FieldEntry[]>();
for (const entry of STATIC_ENTRIES) {
  const same = byName.get(entry.name);
  if (same === undefined) byName.set(entry.name, [entry]);
  else same.push(entry);
}

/** The static entries that have this name, the lowest index first. */
export function staticEntriesOf(name: string): readonly FieldEntry[] | undefined {
  return byName.get(name);
}
