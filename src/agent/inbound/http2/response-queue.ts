import type { FlowWindow, RfcErrorCode } from "../../../http/index.ts";
import { Slab } from "../../../tunnel/index.ts";
import type { HeaderList } from "./header-list.ts";

/** How a stolen stream's frames reach the client. */
export interface FrameSender {
  headers(streamId: number, list: HeaderList, endStream: boolean): void;
  /** Sends up to a frame of `bytes` as far as the connection's window allows; gives how much went. */
  data(streamId: number, bytes: Buffer, isLast: boolean): number;
  reset(streamId: number, code: RfcErrorCode): void;
}

/** `final` is the head that is not informational; `waits` until what is behind it is known. */
type Item =
  | {
      readonly kind: "headers";
      readonly list: HeaderList;
      readonly is: "interim" | "final" | "trailers";
      readonly waits: boolean;
    }
  | { readonly kind: "data"; bytes: Buffer; at: number };

const MAX_DATA_BYTES = 16_384;
const NOTHING = Buffer.alloc(0);

/**
 * What a stolen stream is still to say to its client, in order. DATA is bounded by the credit that the session has, which is
 * given back as it leaves; heads are bounded by the tunnel.
 */
export class ResponseQueue {
  readonly #streamId: number;
  readonly #window: FlowWindow;
  readonly #onSent: (bytes: number) => void;
  readonly #items: Item[] = [];
  readonly #slab = new Slab();
  #state: "open" | "ended" | "over" = "open";
  #hasAnswered = false;

  constructor(options: { streamId: number; window: FlowWindow; onSent: (bytes: number) => void }) {
    this.#streamId = options.streamId;
    this.#window = options.window;
    this.#onSent = options.onSent;
  }

  /** The final head has left for the client. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** All was said by the session, if not to the client yet. */
  get isEnded(): boolean {
    return this.#state !== "open";
  }

  /** Nothing waits to leave. */
  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** END_STREAM has left. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  interim(list: HeaderList): void {
    this.#items.push({ kind: "headers", list, is: "interim", waits: false });
  }

  /** With `waits` it goes together with what comes behind it: END_STREAM belongs into its frame then (gRPC's "Trailers-Only"). */
  final(list: HeaderList, { waits }: { waits: boolean }): void {
    this.#items.push({ kind: "headers", list, is: "final", waits });
  }

  /** They leave when {@link end} is called. */
  trailers(list: HeaderList): void {
    this.#items.push({ kind: "headers", list, is: "trailers", waits: true });
  }

  data(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const last = this.#items.at(-1);
    const joined = last?.kind === "data" ? this.#slab.join(last.bytes, bytes) : undefined;
    if (last?.kind !== "data" || joined === undefined) this.#items.push({ kind: "data", bytes, at: 0 });
    else last.bytes = joined;
  }

  /** All is said: END_STREAM goes with what is last. */
  end(): void {
    this.#state = "ended";
    if (this.#items.length === 0) this.#items.push({ kind: "data", bytes: NOTHING, at: 0 });
  }

  /** Forgets what has not left; something else may be said instead. */
  clear(): void {
    this.#items.length = 0;
    this.#state = "open";
  }

  /** Sends at most one frame's worth. Gives whether anything went. */
  sendOne(sender: FrameSender): boolean {
    const [item] = this.#items;
    if (item === undefined) return false;
    if (item.kind === "data") return this.#sendData(item, sender);
    const isLast = this.#state === "ended" && this.#items.length === 1;
    if (item.waits && !isLast && this.#items.length === 1) return false;
    sender.headers(this.#streamId, item.list, isLast);
    this.#hasAnswered ||= item.is === "final";
    this.#items.shift();
    if (isLast) this.#state = "over";
    return true;
  }

  #sendData(item: Item & { kind: "data" }, sender: FrameSender): boolean {
    const left = item.bytes.length - item.at;
    const most = Math.min(left, MAX_DATA_BYTES, Math.max(0, this.#window.bytes));
    if (most === 0 && left > 0) return false;
    const mayEnd = this.#state === "ended" && this.#items.length === 1 && most === left;
    const sent = sender.data(this.#streamId, item.bytes.subarray(item.at, item.at + most), mayEnd);
    if (sent === 0 && left > 0) return false;
    this.#window.takeUpTo(sent);
    item.at += sent;
    if (item.at === item.bytes.length) this.#items.shift();
    if (mayEnd && sent === left) this.#state = "over";
    this.#onSent(sent);
    return true;
  }
}
