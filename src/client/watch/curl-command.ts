import type { DecisionRecord } from "../../protocol/index.ts";

/** What curl writes itself, or must not say of another connection (RFC 9110 §7.6.1). */
const leftOut = new Set([
  ...["host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer"],
  ...["proxy-connection", "expect", "http2-settings"],
]);

/**
 * A request as a command line of curl for a POSIX shell, as far as it is told: without its body, and with fields only where
 * these are. Undefined of a connection that was not read.
 */
export function curlCommand(decision: DecisionRecord): string | undefined {
  const { method, target, head, port, protocol } = decision;
  if (method === "") return undefined;
  const host = head?.find(([name]) => name.toLowerCase() === "host")?.[1];
  const isAbsolute = /^https?:\/\//i.test(target);
  const scheme = port === 443 || port === 8443 ? "https" : "http";
  const isUsual = (port === 80 && scheme === "http") || (port === 443 && scheme === "https");
  const authority = host ?? `localhost${isUsual ? "" : `:${port}`}`;
  const url = isAbsolute ? target : `${scheme}://${authority}${target.startsWith("/") ? target : "/"}`;
  const words = ["curl"];
  if (protocol === "http2") words.push(scheme === "https" ? "--http2" : "--http2-prior-knowledge");
  if (method === "HEAD") words.push("--head");
  else if (method !== "GET") words.push("-X", quoted(method));
  // Braces and brackets are no patterns here.
  if (/[{}[\]]/.test(url)) words.push("--globoff");
  words.push(quoted(url));
  for (const [name, value] of head ?? []) {
    if (leftOut.has(name.toLowerCase()) || name.startsWith(":")) continue;
    // curl leaves out a field without a value, unless a semicolon ends it.
    words.push("-H", quoted(value === "" ? `${name};` : `${name}: ${value}`));
  }
  return words.join(" ");
}

/** One word of a shell, whatever is in it (POSIX XCU §2.2.2); controls are written as their names and never as themselves. */
function quoted(text: string): string {
  if (/^[A-Za-z0-9_./:=@%+,-]+$/.test(text)) return text;
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    encodeURIComponent(character),
  );
  return `'${printable.replaceAll("'", "'\\''")}'`;
}
