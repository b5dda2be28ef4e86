import { parseRequestHead, type RequestHead } from "../../http/index.ts";
import { type HeadStore, MAX_KEPT_HEAD_BYTES } from "./head-store.ts";
import type { Recording } from "./recording.ts";

/** A head that was kept. One that is not whole cannot be asked what filters ask. */
export interface KeptHead {
  readonly head: RequestHead;
  readonly isWhole: boolean;
}

/** The head of a request as it was decided; undefined of a connection, and where it is not there any more. */
export function keptHead(recording: Recording, heads: HeadStore): KeptHead | undefined {
  const { head } = recording;
  if (head === undefined) return undefined;
  if (head.in === "list") return head;
  if (head.in === "text") return parsed(head.text, true);
  if (!heads.has(head.place)) return undefined;
  const isWhole = head.bytes <= MAX_KEPT_HEAD_BYTES;
  const text = heads.read(head.place, head.bytes);
  // The last line was cut.
  return parsed(isWhole ? text : `${text.slice(0, text.lastIndexOf("\r\n"))}\r\n\r\n`, isWhole);
}

function parsed(text: string, isWhole: boolean): KeptHead | undefined {
  const head = parseRequestHead(Buffer.from(text, "latin1"));
  return "ambiguity" in head ? undefined : { head, isWhole };
}
