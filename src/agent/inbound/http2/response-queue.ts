import type { FlowWindow, HeaderPair, RfcErrorCode } from "../../../http/index.ts";

/** How a stolen stream's frames reach the client. */
export interface FrameSender {
  headers(streamId: number, pairs: readonly HeaderPair[], endStream: boolean): void;
  /** Sends up to a frame of `bytes` as far as the connection's window allows; gives how much went. */
  data(streamId: number, bytes: Buffer, isLast: boolean): number;
  reset(streamId: number, code: RfcErrorCode): void;
}

type Item =
  | { readonly kind: "headers"; readonly pairs: readonly HeaderPair[]; readonly endStream: boolean }
  | { readonly kind: "data"; readonly bytes: Buffer; at: number };

const MAX_DATA_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

/**
 * What a stolen stream is still to say to its client, in order. DATA is bounded by the credit that the session has, which is
 * given back as it leaves.
 */
export class ResponseQueue {
  readonly #streamId: number;
  readonly #window: FlowWindow;
  readonly #onSent: (bytes: number) => void;
  #items: Item[] = [];
  #endsWithData = false;
  #hasBegun = false;
  #isOver = false;

  constructor(options: { streamId: number; window: FlowWindow; onSent: (bytes: number) => void }) {
    this.#streamId = options.streamId;
    this.#window = options.window;
    this.#onSent = options.onSent;
  }

  /** A head has left for the client, an informational one too. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** END_STREAM has left. */
  get isOver(): boolean {
    return this.#isOver;
  }

  headers(pairs: readonly HeaderPair[], endStream: boolean): void {
    this.#items.push({ kind: "headers", pairs, endStream });
  }

  data(bytes: Buffer): void {
    if (bytes.length > 0) this.#items.push({ kind: "data", bytes, at: 0 });
  }

  /** All is said: END_STREAM goes with the last DATA. */
  end(): void {
    this.#endsWithData = true;
    if (this.#items.at(-1)?.kind !== "data") this.#items.push({ kind: "data", bytes: NOTHING, at: 0 });
  }

  /** Forgets what has not left. */
  clear(): void {
    this.#items = [];
    this.#endsWithData = false;
  }

  /** Sends at most one frame's worth. Gives whether anything went. */
  sendOne(sender: FrameSender): boolean {
    const [item] = this.#items;
    if (item === undefined) return false;
    if (item.kind === "headers") {
      sender.headers(this.#streamId, item.pairs, item.endStream);
      this.#hasBegun = true;
      this.#isOver = item.endStream;
      this.#items.shift();
      return true;
    }
    return this.#sendData(item, sender);
  }

  #sendData(item: Item & { kind: "data" }, sender: FrameSender): boolean {
    const left = item.bytes.length - item.at;
    const most = Math.min(left, MAX_DATA_BYTES, Math.max(0, this.#window.bytes));
    if (most === 0 && left > 0) return false;
    const mayEnd = this.#endsWithData && this.#items.length === 1 && most === left;
    const sent = sender.data(this.#streamId, item.bytes.subarray(item.at, item.at + most), mayEnd);
    if (sent === 0 && left > 0) return false;
    this.#window.takeUpTo(sent);
    item.at += sent;
    if (item.at === item.bytes.length) this.#items.shift();
    this.#isOver = mayEnd && sent === left;
    this.#onSent(sent);
    return true;
  }
}
