/** The field that tells a developer why the agent answered in place of the local process. */
const REASON_FIELD = "Magpie-Error";

/**
 * A response of the agent itself, for a stolen request that nobody can answer any more. It closes the connection: the
 * rest of the request's body may still be on its way.
 */
export function failureResponse(options: {
  status: 400 | 502;
  code: string;
  text: string;
  /** The request was HEAD: the fields alone (RFC 9110 §9.3.2). */
  headOnly: boolean;
}): Buffer {
  const body = `magpie: ${options.text}\n`;
  const phrase = options.status === 400 ? "Bad Request" : "Bad Gateway";
  const head = [
    `HTTP/1.1 ${options.status} ${phrase}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    `${REASON_FIELD}: ${options.code}`,
    "Connection: close",
  ].join("\r\n");
  return Buffer.from(`${head}\r\n\r\n${options.headOnly ? "" : body}`);
}
