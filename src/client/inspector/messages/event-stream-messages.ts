import type { MessageList } from "../page-contract.ts";
import { isJsonText } from "./json-text.ts";
import { MessageGatherer, shownText } from "./message-list.ts";

/** Reads the events of a `text/event-stream` (WHATWG HTML §9.2.6). An event that is not ended yet is told as a note. */
export function eventStreamMessages(bytes: Buffer): MessageList {
  const gathered = new MessageGatherer();
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  let event = { name: "", data: [] as string[], from: 0 };
  let at = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line !== "") readLine(line, event);
    // Lines without data are no event, but for those that look on they are something that came.
    else if (event.data.length > 0) {
      const data = event.data.join("\n");
      gathered.add({
        kind: isJsonText(data) ? "json" : "event",
        name: event.name || "message",
        text: shownText(data),
        bytes: Buffer.byteLength(data),
      });
      event = { name: "", data: [], from: at };
    }
    at += line.length + 1;
  }
  if (event.data.length > 0) gathered.note = "the last event has not ended";
  return gathered.list;
}

function readLine(line: string, event: { name: string; data: string[] }): void {
  const colon = line.indexOf(":");
  // A line that begins with a colon is a comment.
  if (colon === 0) return;
  const field = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (field === "data") event.data.push(value);
  else if (field === "event") event.name = value;
}
