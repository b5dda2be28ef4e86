import { EventEmitter, once } from "node:events";
import { encodePlain, HpackDecoder, type HeaderPair } from "../../../src/http/index.ts";
import type { Holder } from "../../../src/agent/routing/index.ts";
import {
  decodeAgentHead,
  encodeStreamHead,
  type OpeningMeta,
  type ResetCode,
  type StreamHead,
} from "../../../src/protocol/index.ts";
import type { StreamEvents, StreamState, TunnelStream } from "../../../src/tunnel/index.ts";

/** A stream of a session that a test plays: keeps what the agent says, and breaks loudly when its contract is broken. */
export class ScriptedStream implements TunnelStream {
  readonly id: number;
  readonly meta: OpeningMeta;
  readonly rawHead: Buffer;
  /** Latin-1, of an `http2` exchange one field a line. */
  readonly head: string;
  /** Everything in order: `data`, `trailers …`, `end`, `reset code: text`. */
  readonly said: string[] = [];
  text = "";
  bytes = 0;
  creditBytes = 0;
  /** What `write` gives: false makes the agent wait for `drain`. */
  takesMore = true;
  readonly isCrowded = false;
  /** What waits in it: all that was written while it took no more. */
  queuedBytes = 0;
  readonly #events: StreamEvents;
  readonly #changes = new EventEmitter();
  #sentBytes = 0;
  #state: StreamState = { at: "open" };

  constructor(options: { id: number; meta: OpeningMeta; head: Uint8Array; events: StreamEvents }) {
    this.id = options.id;
    this.meta = options.meta;
    const head = Buffer.from(options.head);
    this.rawHead = head;
    this.head = options.meta.kind === "http2" ? linesOf(head) : head.toString("latin1");
    this.#events = options.events;
    this.#changes.setMaxListeners(0);
  }

  // --- what the agent calls ---

  get state(): StreamState {
    return this.#state;
  }

  get writableBytes(): number {
    return this.takesMore ? 1 : 0;
  }

  sendHead(payload: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#hasEnded) throw new Error("a head behind the end");
    const { bytes } = decodeAgentHead(Buffer.from(payload));
    this.#note(`trailers ${this.meta.kind === "http2" ? linesOf(bytes) : bytes.toString("latin1")}`);
  }

  copy(bytes: Uint8Array): boolean {
    return this.write(Buffer.from(bytes));
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isOver) return true;
    if (this.#hasEnded) throw new Error("data behind the end");
    this.text += Buffer.from(chunk).toString("latin1");
    this.bytes += chunk.length;
    if (!this.takesMore) this.queuedBytes += chunk.length;
    if (this.said.at(-1) === "data") this.#changes.emit("change");
    else this.#note("data");
    return this.takesMore;
  }

  end(): void {
    if (this.#isOver || this.#hasEnded) return;
    this.#state = { at: "half-sent" };
    this.#note("end");
  }

  reset(code: ResetCode, text = ""): void {
    if (this.#isOver) return;
    this.#state = { at: "reset", by: "us", code };
    this.queuedBytes = 0;
    this.#note(`reset ${code}: ${text}`);
  }

  consumed(bytes: number): void {
    this.creditBytes += bytes;
    if (this.creditBytes > this.#sentBytes) throw new Error("more credit than data");
    this.#changes.emit("change");
  }

  // --- what the test says in the session's place ---

  accept(): this {
    return this.#say("accepted");
  }

  interim(head: string): this {
    return this.#say("informational", head);
  }

  respond(head: string): this {
    return this.#say("response", head);
  }

  trailers(lines: string): this {
    return this.#say("trailers", lines);
  }

  /** A head of an `http2` exchange, as a block that needs no table. */
  say(
    kind: "informational" | "response" | "trailers",
    pairs: readonly HeaderPair[],
    isNeverIndexed?: (name: string) => boolean,
  ): this {
    const block = encodePlain(pairs, isNeverIndexed === undefined ? {} : { isNeverIndexed });
    return this.payload(encodeStreamHead(kind, block));
  }

  /** A payload of a HEAD frame as it is. */
  payload(bytes: Uint8Array): this {
    if (!this.#isOver) this.#events.onHead(Buffer.from(bytes));
    return this;
  }

  data(text: string | Buffer): this {
    if (this.#isOver) return this;
    const chunk = typeof text === "string" ? Buffer.from(text, "latin1") : text;
    this.#sentBytes += chunk.length;
    this.#events.onData(chunk);
    return this;
  }

  finish(): this {
    if (!this.#isOver) this.#events.onEnd();
    return this;
  }

  fail(code: ResetCode, text = ""): this {
    if (this.#isOver) return this;
    this.#state = { at: "reset", by: "peer", code };
    this.#events.onReset(code, text);
    return this;
  }

  drain(): this {
    this.takesMore = true;
    this.queuedBytes = 0;
    if (!this.#isOver) this.#events.onDrain();
    return this;
  }

  /** Waits until something holds; asked again after each change. */
  async until(holds: (stream: this) => boolean): Promise<this> {
    while (!holds(this)) await once(this.#changes, "change");
    return this;
  }

  async got(text: string): Promise<this> {
    return await this.until((stream) => stream.text.includes(text));
  }

  async wasReset(): Promise<string> {
    await this.until(({ said }) => said.at(-1)?.startsWith("reset") === true);
    return this.said.at(-1) ?? "";
  }

  get #isOver(): boolean {
    return this.#state.at === "reset";
  }

  get #hasEnded(): boolean {
    return this.#state.at === "half-sent";
  }

  #say(kind: StreamHead["kind"], text = ""): this {
    return this.payload(encodeStreamHead(kind, Buffer.from(text, "latin1")));
  }

  #note(what: string): void {
    this.said.push(what);
    this.#changes.emit("change");
  }
}

/** A header block that needs no table, one field a line. */
function linesOf(block: Buffer): string {
  const { fields } = new HpackDecoder({ maxListBytes: 1 << 20, maxTableBytes: 0 }).decode(block);
  return fields.map(({ name, value }) => `${name}: ${value}\r\n`).join("");
}

/** A session that a test plays. */
export class ScriptedSession implements Holder {
  readonly id: string;
  readonly name: string;
  readonly isAway = false;
  /** A session that is over opens nothing. */
  isOver = false;
  readonly streams: ScriptedStream[] = [];
  /** What streams begin with as their `takesMore`. */
  takesMore = true;
  readonly #waiting: ((stream: ScriptedStream) => void)[] = [];
  #taken = 0;

  constructor({ id = "s1", name = "ann" }: { id?: string; name?: string } = {}) {
    this.id = id;
    this.name = name;
  }

  openStream(meta: OpeningMeta, head: Uint8Array, events: StreamEvents): TunnelStream | undefined {
    if (this.isOver) return undefined;
    const stream = new ScriptedStream({ id: this.streams.length + 1, meta, head, events });
    stream.takesMore = this.takesMore;
    this.streams.push(stream);
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      this.#taken++;
      // The agent must have its stream before the session answers on it, as on a real tunnel.
      queueMicrotask(() => waiting(stream));
    }
    return stream;
  }

  /** The next stolen exchange, in the order of their opening. */
  async next(): Promise<ScriptedStream> {
    const stream = this.streams[this.#taken];
    if (stream === undefined) return await new Promise((resolve) => this.#waiting.push(resolve));
    this.#taken++;
    return stream;
  }
}
