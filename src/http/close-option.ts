import type { Fields } from "./fields.ts";

/** The option `keep-alive` in a list of options, in any case. */
const KEEP_ALIVE = /(?<=^|,)([ \t]*)keep-alive(?=[ \t]*(?:,|$))/gi;

/**
 * Says in a response head that its connection ends behind the answer (RFC 9112 §9.6). Every other byte stays as it is.
 *
 * `keep-alive` becomes `close` where it stands: a client of HTTP/1.0 that reads both goes on (RFC 9112 §9.3 lets it), and
 * some of HTTP/1.1 read the first `Connection` line only (Python's http.client). Other options stay, with a line of ours
 * before them for the same reason; a head without any gets one at its end. No byte before `changedAt` differs.
 */
export function withClose(fields: Fields): { head: Buffer; changedAt: number } {
  const { text, marks } = fields;
  let said = "";
  let at = 0;
  let changedAt = -1;
  let lineAt = text.length - 2;
  for (let index = fields.count - 1; index >= 0; index--)
    if (fields.isNamed(index, "connection")) lineAt = marks[index * 4] as number;
  for (let index = 0; index < fields.count; index++) {
    if (!fields.isNamed(index, "connection")) continue;
    const value = fields.value(index);
    const options = value.replace(KEEP_ALIVE, "$1close");
    if (options === value) continue;
    const valueAt = marks[index * 4 + 2] as number;
    if (changedAt === -1) changedAt = valueAt;
    said += text.slice(at, valueAt) + options;
    at = valueAt + value.length;
  }
  if (changedAt === -1) {
    changedAt = at = lineAt;
    said = `${text.slice(0, lineAt)}Connection: close\r\n`;
  }
  return { head: Buffer.from(said + text.slice(at), "latin1"), changedAt };
}
