import {
  type Ambiguity,
  type AmbiguousHead,
  BodyScanner,
  type Fields,
  faultOfPartialHead,
  findHeadEnd,
  type Framing,
  MAX_HEAD_BYTES,
  parseRequestHead,
  parseResponseHead,
  skipEmptyLines,
} from "../../src/http/index.ts";

/** One message as it was understood; texts are Latin-1, one character a byte. */
export interface ReadMessage {
  /** `POST /a HTTP/1.1` or `1.1 200 OK`. */
  readonly start: string;
  /** Name, value, name, value … as sent. */
  readonly rawHeaders: readonly string[];
  body: string;
  rawTrailers: readonly string[];
  readonly keepAlive: boolean;
  /** Whether its last byte was there. */
  isWhole: boolean;
}

/** Everything that was understood of some bytes. */
export interface Reading {
  readonly messages: readonly ReadMessage[];
  /** Why reading stopped: no bytes left, the message said so, or an ambiguity. */
  readonly end: "no-more-bytes" | "closed" | "switched" | Ambiguity;
  /** Bytes that nobody read: behind a message that ends the connection, or from the ambiguity on. */
  readonly leftBytes: number;
}

interface AnyHead {
  readonly message: ReadMessage;
  readonly framing: Framing;
  readonly then: "more" | "closed" | "switched";
}

/** What requests and responses have not in common. */
interface Rules {
  readonly skipsEmptyLines: boolean;
  readonly partialFault: (bytes: Buffer, from: number) => Ambiguity | undefined;
  readonly head: (text: string) => AnyHead | AmbiguousHead;
}

/** Reads every request of a connection as the agent does, whatever the pieces are. */
export function readRequests(pieces: readonly Uint8Array[]): Reading {
  return read(pieces, {
    skipsEmptyLines: true,
    partialFault: (bytes, from) => faultOfPartialHead(bytes, from, bytes.length),
    head: requestHead,
  });
}

/** Reads the answer to one request: interim responses and the final one, nothing behind it. */
export function readResponse(pieces: readonly Uint8Array[], method: string): Reading {
  return read(pieces, {
    skipsEmptyLines: false,
    partialFault: () => undefined,
    head: (text) => responseHead(text, method),
  });
}

function requestHead(text: string): AnyHead | AmbiguousHead {
  const head = parseRequestHead(Buffer.from(text, "latin1"));
  if ("ambiguity" in head) return head;
  const { method, target, version, fields, framing, keepAlive } = head;
  const after = keepAlive ? "more" : "closed";
  return {
    message: newMessage(`${method} ${target} HTTP/${version}`, fields, keepAlive),
    framing,
    then: method === "CONNECT" ? "switched" : after,
  };
}

function responseHead(text: string, method: string): AnyHead | AmbiguousHead {
  const head = parseResponseHead(Buffer.from(text, "latin1"), method);
  if ("ambiguity" in head) return head;
  const { version, status, reason, fields, framing, keepAlive } = head;
  const isInterim = status < 200 && !head.switchesProtocol;
  const after = isInterim ? "more" : "closed";
  return {
    message: newMessage(`${version} ${status} ${reason}`, fields, keepAlive),
    framing,
    then: head.switchesProtocol ? "switched" : after,
  };
}

function newMessage(start: string, fields: Fields, keepAlive: boolean): ReadMessage {
  return { start, rawHeaders: fields.pairs().flat(), body: "", rawTrailers: [], keepAlive, isWhole: false };
}

/** @throws Error when a step makes no progress: a scanner that loops would hang the agent. */
function read(pieces: readonly Uint8Array[], rules: Rules): Reading {
  const messages: ReadMessage[] = [];
  let held: Buffer = Buffer.alloc(0);
  let current: { head: AnyHead; body: BodyScanner } | undefined;
  let end: Reading["end"] = "no-more-bytes";
  let leftBytes = 0;
  for (const piece of pieces) {
    if (end !== "no-more-bytes") {
      leftBytes += piece.length;
      continue;
    }
    const bytes = held.length === 0 ? Buffer.from(piece) : Buffer.concat([held, piece]);
    let at = 0;
    held = Buffer.alloc(0);
    while (at < bytes.length && end === "no-more-bytes") {
      const before = at;
      if (current === undefined) {
        const start = rules.skipsEmptyLines ? skipEmptyLines(bytes, at, bytes.length) : at;
        const stop = findHeadEnd(bytes, start, bytes.length);
        if (stop === -1) {
          end = rules.partialFault(bytes, start) ?? end;
          held = bytes.subarray(at);
          break;
        }
        const head =
          stop - start > MAX_HEAD_BYTES
            ? ({ ambiguity: "head-too-large" } as const)
            : rules.head(bytes.toString("latin1", start, stop));
        if ("ambiguity" in head) {
          end = head.ambiguity;
          break;
        }
        messages.push(head.message);
        current = { head, body: new BodyScanner(head.framing) };
        at = stop;
      } else {
        const { message } = current.head;
        at = current.body.scan(bytes, at, bytes.length, (from, to) => {
          message.body += bytes.toString("latin1", from, to);
        });
        if (current.body.state === "ambiguous") end = "malformed-chunk";
      }
      if (at <= before) throw new Error(`no progress at byte ${at}`);
      if (current?.body.state === "done") {
        const { message, then } = current.head;
        message.isWhole = true;
        message.rawTrailers = trailerPairs(current.body.trailers);
        current = undefined;
        if (then !== "more") end = then;
      }
    }
    if (end !== "no-more-bytes") leftBytes += bytes.length - at;
  }
  if (current?.body.isCompleteAtEnd === true) current.head.message.isWhole = true;
  return { messages, end, leftBytes };
}

function trailerPairs(lines: string): string[] {
  return lines
    .split("\r\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
    });
}
