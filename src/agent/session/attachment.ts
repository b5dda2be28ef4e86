import { type Hello, MAX_GRACE_MS } from "../../protocol/index.ts";
import {
  type NotingCarrier,
  ResumableCarrier,
  type ResumeAnswer,
  type ResumeClaim,
  type TunnelError,
} from "../../tunnel/index.ts";
import type { Log } from "../log.ts";
import { watchProcess } from "./client-process.ts";

/** How often it is seen, while its carrier is lost, whether a client still runs. */
const LOOK_MS = 250;

/**
 * How one client hangs on: its carrier may be lost and come back.
 *
 * Until `welcomed` a lost carrier is the end. From then on the session waits for the client's return, but not for a
 * client whose process is seen to be gone: that one releases its ports at once.
 */
export class Attachment {
  readonly carrier: ResumableCarrier;
  readonly #log: Log;
  readonly #onGone: () => void;
  #isRunning: (() => boolean) | undefined;
  #looking: NodeJS.Timeout | undefined;
  #awaySince: number | undefined;

  /** `onGone` is called when the carrier is lost and nobody is there who could come back. */
  constructor(options: { raw: NotingCarrier; log: Log; onGone: () => void }) {
    this.#log = options.log;
    this.#onGone = options.onGone;
    this.carrier = new ResumableCarrier({
      raw: options.raw,
      onDetached: (error) => this.#detached(error),
      onAttached: (detachedMs) => this.#attached(detachedMs),
    });
  }

  /** When the carrier was lost, milliseconds since the epoch; undefined while it is there. */
  get awaySince(): number | undefined {
    return this.#awaySince;
  }

  /** The client may come back from here on; gives how long it will be waited for. */
  welcomed({ graceMs, process }: Pick<Hello, "graceMs" | "process">): number {
    this.#isRunning = watchProcess(process);
    this.carrier.graceMs = Math.min(graceMs, MAX_GRACE_MS);
    return this.carrier.graceMs;
  }

  /** Lets the client go on upon another carrier; its key was checked. */
  resume({ receivedBytes }: ResumeClaim): ResumeAnswer {
    const received = this.carrier.reclaim(receivedBytes);
    if (received === undefined) return "impossible";
    return { receivedBytes: received, attach: (raw) => this.carrier.attach(raw, receivedBytes) };
  }

  /** Nobody is waited for any more: a lost carrier is the end again. */
  close(): void {
    this.carrier.graceMs = 0;
    this.#stopLooking();
  }

  #stopLooking(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #detached(error: TunnelError): void {
    this.#log.info({ err: error, graceMs: this.carrier.graceMs }, "carrier lost");
    this.#awaySince = Date.now();
    if (this.#isRunning === undefined) return;
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
    this.#look();
  }

  #attached(detachedMs: number): void {
    this.#stopLooking();
    this.#awaySince = undefined;
    this.#log.info({ detachedMs: Math.round(detachedMs) }, "carrier resumed");
  }

  #look(): void {
    if (this.#isRunning?.() !== false) return;
    this.close();
    this.#onGone();
  }
}
