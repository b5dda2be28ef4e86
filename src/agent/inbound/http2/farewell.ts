import { goawayFrame, RfcErrorCode, rstStreamFrame } from "../../../http/index.ts";
import type { ClientOutput } from "./client-output.ts";
import type { StreamTable } from "./stream-table.ts";

const MAX_STREAM_ID = 0x7fffffff;
/** What a client sends before it knows that it should go elsewhere is still taken, for so long. */
const FAREWELL_MS = 500;
/** Of a GOAWAY frame: where the last stream id stands, behind the frame's header. */
const LAST_STREAM_AT = 9;

/** Of the end that the agent wants: `none` → `announced`, which takes all, → `said`, with the last stream that is taken. */
type State = "none" | "announced" | "said";

/** What the client was told of the end of its connection (RFC 9113 §6.8), by the app and by us. */
export class Farewell {
  readonly #output: ClientOutput;
  readonly #table: StreamTable;
  /** RFC 9113 §6.8: it never grows. */
  #lastStreamId = MAX_STREAM_ID;
  #state: State = "none";
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: { output: ClientOutput; table: StreamTable }) {
    this.#output = parts.output;
    this.#table = parts.table;
  }

  /** Nothing is taken any more that the client opens from here on. */
  get isSaid(): boolean {
    return this.#state === "said";
  }

  /** Tells the client to go elsewhere with its next request; those on their way are still taken for a while. */
  begin(onSaid: () => void): void {
    if (this.#state !== "none") return;
    this.#state = "announced";
    this.#output.inject(
      goawayFrame({ lastStreamId: this.#lastStreamId, code: RfcErrorCode.noError, debugData: "" }),
    );
    this.#timer = setTimeout(() => {
      this.#state = "said";
      this.say(RfcErrorCode.noError);
      onSaid();
    }, FAREWELL_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Tells the client that nothing is taken beyond what was opened so far. */
  say(code: RfcErrorCode, debugData = ""): void {
    this.#lastStreamId = Math.min(this.#lastStreamId, this.#table.ids.highest);
    this.#output.inject(goawayFrame({ lastStreamId: this.#lastStreamId, code, debugData }));
  }

  /**
   * The app's GOAWAY as the client may hear it. It must not read that a stolen stream was not taken: it would send again
   * what a session may have acted on. What the app has not taken is told one by one.
   */
  pass(lastStreamId: number, frame: Buffer): Buffer {
    const highest = Math.max(0, ...this.#table.stolen.values().map(({ id }) => id));
    const refused = this.#table.forwardedIds.filter((id) => id > lastStreamId && id <= highest);
    for (const id of this.#table.forwardedIds)
      if (id > lastStreamId) {
        this.#table.forwardedOver(id);
        this.#table.copied.over(id);
      }
    const last = Math.min(this.#lastStreamId, Math.max(lastStreamId, highest));
    this.#lastStreamId = last;
    if (last === lastStreamId) return frame;
    const rewritten = Buffer.from(frame);
    rewritten.writeUInt32BE(last, LAST_STREAM_AT);
    return Buffer.concat([
      rewritten,
      ...refused.map((streamId) => rstStreamFrame(streamId, RfcErrorCode.refusedStream)),
    ]);
  }
}
