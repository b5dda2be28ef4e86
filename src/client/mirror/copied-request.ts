import { encodePlain, parseRequestHead, readRequestHead } from "../../http/index.ts";
import { type Opening, ProtocolError } from "../../protocol/index.ts";
import { readPlainBlock } from "../incoming/index.ts";

/** What is known of a copied request of HTTP. */
export interface CopiedRequest {
  readonly method: string;
  readonly target: string;
  /** It is all in its head, and asks for nothing but an answer. */
  readonly isHeadOnly: boolean;
  /** Another protocol may follow its head. */
  readonly mayUpgrade: boolean;
}

/** Tells the local program that its answer is thrown away. The value is the request's id. */
export const markField = "magpie-mirror";

/** Reads the head of a copy; undefined for a connection that is not of HTTP. @throws ProtocolError `bad-payload` */
export function readCopiedRequest({ meta, head }: Opening): CopiedRequest | undefined {
  if (meta.kind === "tcp") return undefined;
  if (meta.kind === "http2") {
    const request = readRequestHead(readPlainBlock(head).fields);
    if ("malformed" in request)
      throw new ProtocolError("bad-payload", `unreadable head: ${request.malformed}`);
    const { method, target } = request;
    const mayUpgrade = method === "CONNECT";
    return { method, target, isHeadOnly: meta.endsWithHead && !mayUpgrade, mayUpgrade };
  }
  const request = parseRequestHead(head);
  if ("ambiguity" in request) throw new ProtocolError("bad-payload", `unreadable head: ${request.ambiguity}`);
  const { method, target, mayUpgrade } = request;
  return { method, target, isHeadOnly: request.framing.kind === "none" && !mayUpgrade, mayUpgrade };
}

/** The head as the local program gets it: the caller's own, and our mark behind it. */
export function markedHead({ meta, head }: Opening): Buffer {
  const id = /^[\x21-\x7e]+$/.test(meta.requestId) ? meta.requestId : "1";
  if (meta.kind === "tcp") return head;
  // Neither block needs a table, so together they are one.
  if (meta.kind === "http2") return Buffer.concat([head, encodePlain([[markField, id]])]);
  const fields = head.subarray(0, head.length - emptyLine.length);
  return Buffer.concat([fields, Buffer.from(`${markField}: ${id}\r\n\r\n`, "latin1")]);
}

const emptyLine = "\r\n";
