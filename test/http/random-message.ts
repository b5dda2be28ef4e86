/** A source of numbers in [0, 1). */
export type Random = () => number;

export function pick<Value>(random: Random, values: readonly Value[]): Value {
  // The index is below the length.
  return values[Math.floor(random() * values.length)] as Value;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "M-SEARCH"];
const TARGETS = ["/", "/a/b?x=1&y=%2F", "/a//b/../c;v=1", "*", "http://shop.example/p?q", "/?", "/~u/'(!)$"];
const NAMES = ["X-a", "accept", "USER-AGENT", "Cookie", "x_under", "A!#$%&'*+-.^_`|~9", "Via", "Te", "Date"];
const VALUES = ["", "1", "a, b,,c", "text/html;q=0.5", "a b\tc", "\xe9\xff\x80", "x:y:z", '"q, \\" q"', "="];
const BLANKS = ["", " ", "  ", "\t", " \t "];
const REASONS = ["OK", "", "Not  Found", "\xe9t\xe9", "I'm a teapot"];

function fieldLine(random: Random): string {
  const ows = () => pick(random, BLANKS);
  return `${pick(random, NAMES)}:${ows()}${pick(random, VALUES)}${ows()}\r\n`;
}

function fieldLines(random: Random, most: number): string {
  let lines = "";
  for (let left = Math.floor(random() * (most + 1)); left > 0; left--) lines += fieldLine(random);
  return lines;
}

function anyCase(random: Random, text: string): string {
  return pick(random, [text, text.toLowerCase(), text.toUpperCase()]);
}

/** Content of up to 600 bytes, with everything in it that looks like framing. */
function content(random: Random): string {
  const parts = ["\r\n", "0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\0", "\xff", "abc", "5\r\nhello"];
  let text = "";
  for (let left = Math.floor(random() * 6); left > 0; left--) text += pick(random, parts);
  return random() < 0.1 ? text + "z".repeat(Math.floor(random() * 600)) : text;
}

function chunked(random: Random, body: string): string {
  let text = "";
  for (let at = 0; at < body.length; ) {
    const size = 1 + Math.floor(random() * Math.min(40, body.length - at));
    const digits = `${pick(random, ["", "0", "000"])}${size.toString(16)}`;
    const extension = pick(random, ["", "", ";a", ";a=b", ';n="q;q"', ";x=1;y"]);
    text += `${anyCase(random, digits)}${extension}\r\n${body.slice(at, at + size)}\r\n`;
    at += size;
  }
  const trailers = random() < 0.4 ? fieldLines(random, 3) : "";
  return `${text}${pick(random, ["0", "00", "0;last"])}\r\n${trailers}\r\n`;
}

/** One valid request, whole. `isLast` allows it to end the connection. */
function validRequest(random: Random, isLast: boolean): string {
  const version = isLast && random() < 0.2 ? "1.0" : "1.1";
  const method = pick(random, METHODS);
  let connection = isLast ? pick(random, ["", "", "close", "keep-alive", "x, Close", "TE"]) : "";
  if (version === "1.0" && connection.includes("lose")) connection = "";
  const connectionLine = connection === "" ? "" : `${anyCase(random, "Connection")}: ${connection}\r\n`;
  const before = `${fieldLines(random, 4)}${anyCase(random, "Host")}: ${pick(random, ["a", "shop.example:80"])}\r\n`;
  const after = `${connectionLine}${fieldLines(random, 3)}`;
  const start = `${random() < 0.1 ? "\r\n" : ""}${method} ${pick(random, TARGETS)} HTTP/${version}\r\n`;
  const body = content(random);
  const how = random();
  if (how < 0.35) return `${start}${before}${after}\r\n`;
  if (how < 0.65 || version === "1.0")
    return `${start}${before}${anyCase(random, "Content-Length")}:${pick(random, ["", " "])}${body.length}\r\n${after}\r\n${body}`;
  const coding = `${anyCase(random, "Transfer-Encoding")}: ${anyCase(random, "chunked")}\r\n`;
  return `${start}${before}${coding}${after}\r\n${chunked(random, body)}`;
}

/** One to four valid requests behind each other. */
export function validRequests(random: Random): Buffer {
  let text = "";
  for (let left = 1 + Math.floor(random() ** 2 * 4); left > 0; left--)
    text += validRequest(random, left === 1);
  return Buffer.from(text, "latin1");
}

/** A valid answer to a request of `method`: interim responses, then one final response, whole. */
export function validResponse(random: Random, method: string): Buffer {
  let text = "";
  if (random() < 0.2)
    text += `HTTP/1.1 ${pick(random, ["100 Continue", "102 Processing", "103 Early Hints"])}\r\n${fieldLines(random, 2)}\r\n`;
  const status = pick(random, [200, 200, 201, 204, 304, 404, 500, 599]);
  const version = random() < 0.2 ? "1.0" : "1.1";
  const connection = pick(random, ["", "", "Connection: close\r\n", "connection: Keep-Alive\r\n"]);
  const start = `HTTP/${version} ${status} ${pick(random, REASONS)}\r\n${fieldLines(random, 5)}${connection}`;
  const body = content(random);
  const isBodiless = method === "HEAD" || status === 204 || status === 304;
  const how = random();
  if (how < 0.2) return Buffer.from(`${text}${start}\r\n${isBodiless ? "" : body}`, "latin1");
  if (how < 0.6 || version === "1.0")
    return Buffer.from(
      `${text}${start}Content-Length: ${body.length}\r\n\r\n${isBodiless ? "" : body}`,
      "latin1",
    );
  return Buffer.from(
    `${text}${start}Transfer-Encoding: chunked\r\n\r\n${isBodiless ? "" : chunked(random, body)}`,
    "latin1",
  );
}

/** Pieces that have fooled parsers. */
const POISON = [
  ...[
    "\r",
    "\n",
    "\0",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "\x0b",
    "\x0c",
    "\x7f",
    "\x80",
    "\x85",
    "\xa0",
    "\r\n",
    "\n\n",
  ],
  ...[
    "\r\n\r\n",
    "\r\n ",
    "\n\t",
    "\r\r\n",
    " :",
    "0",
    "00000000000000000000",
    "ffffffffffffffff1",
    "-1",
    "+3",
  ],
  ...["0x5", "1e1", "Content-Length: 3\r\n", "content-length:0\r\n", "Content-Length: 3, 3\r\n"],
  ...[
    "Content-Length : 3\r\n",
    "Content-Length: 3 \t\r\n",
    "Content-Length:\x0b3\r\n",
    "Content-Length:\r\n",
  ],
  ...[
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding: chunked, gzip\r\n",
  ],
  ...[
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding:\tchunked\t\r\n",
    "Transfer-Encoding: xchunked\r\n",
  ],
  ...[
    'Transfer-Encoding: "chunked"\r\n',
    "Transfer-Encoding\x0b: chunked\r\n",
    "Transfer-Encoding: chunked;a=b\r\n",
  ],
  ...["Transfer-Encoding:\r\n", "transfer_encoding: chunked\r\n", "X: y\nContent-Length: 5\r\n"],
  ...[
    "Connection: close\r\n",
    "Connection: upgrade\r\n",
    "Upgrade: websocket\r\n",
    "Connection: content-length\r\n",
  ],
  ...[
    "Host: b\r\n",
    "Expect: 100-continue\r\n",
    "0\r\n\r\n",
    "5\r\nhello\r\n",
    "5 \r\nhello\r\n",
    "5;\nhello\r\n",
  ],
  ...["GET / HTTP/1.1\r\n\r\n", "GET /", " HTTP/1.1", " HTTP/1.0", " HTTP/0.9", " HTTP/2.0", " http/1.1"],
  ...["CONNECT a:1 HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 200 OK\r\n", "BREW", "get"],
];

/** Damages valid bytes: one to three edits at places where they hurt. */
export function damaged(random: Random, valid: Buffer): Buffer {
  let text = valid.toString("latin1");
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) text = damagedOnce(random, text);
  return Buffer.from(text, "latin1");
}

function damagedOnce(random: Random, text: string): string {
  const at = placeIn(random, text);
  const length = Math.floor(random() * 8);
  switch (Math.floor(random() * 7)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + length);
    case 1:
      return text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text.slice(at, at + 4 * length) + text.slice(at);
    case 3:
      return text.slice(0, at);
    case 4:
      return text.slice(0, at) + pick(random, POISON) + text.slice(at + length);
    default:
      return text.slice(0, at) + pick(random, POISON) + text.slice(at);
  }
}

/** Mostly the start or the end of a line: there parsers disagree. */
function placeIn(random: Random, text: string): number {
  const at = Math.floor(random() * (text.length + 1));
  if (random() < 0.3) return at;
  const lineEnd = text.indexOf("\r\n", at);
  if (lineEnd === -1) return at;
  return random() < 0.6 ? lineEnd + 2 : lineEnd;
}

/** Bytes without any sense, of letters that HTTP is made of. */
export function garbage(random: Random): Buffer {
  let text = random() < 0.5 ? "GET / HTTP/1.1\r\n" : "";
  for (let left = Math.floor(random() * 30); left > 0; left--)
    text += random() < 0.5 ? pick(random, POISON) : String.fromCharCode(Math.floor(random() * 256));
  return Buffer.from(text, "latin1");
}
