import type { MessageList } from "../page-contract.ts";

export type Message = MessageList["messages"][number];

/** More messages of one direction are counted only. */
export const maxMessages = 1_000;
/** Longer messages are cut in what is shown. */
export const maxMessageText = 256 * 1024;
/** Of content that is compressed, no more is unpacked of one message. */
export const maxUnpackedBytes = 4 * 1024 * 1024;

/** Gathers messages up to a bound, and counts the others. */
export class MessageGatherer {
  readonly #messages: Message[] = [];
  #left = 0;
  note: string | null = null;

  add(message: Omit<Message, "at">): void {
    if (this.#messages.length >= maxMessages) this.#left++;
    else this.#messages.push({ at: null, ...message });
  }

  get list(): MessageList {
    return { messages: this.#messages, left: this.#left, note: this.note };
  }
}

/** Text as it is shown; what is beyond the bound is said to be. */
export function shownText(text: string): string {
  return text.length <= maxMessageText ? text : `${text.slice(0, maxMessageText)}…`;
}

/** Bytes as they are shown. */
export function shownHex(bytes: Buffer): string {
  const some = bytes.subarray(0, maxMessageText / 2);
  return some.toString("hex") + (some.length < bytes.length ? "…" : "");
}
