import { readFileSync } from "node:fs";

/** How often threads that wait in spite of a signal are looked at. */
const LOOK_EVERY_MS = 100;
const SIGKILL_BIT = 1n << 8n;

/**
 * Requests whose thread was sent a signal while it waits. A disk is not interrupted by one that a handler takes: programs do
 * not expect EINTR of a file. But a thread that is being killed must not be held up. The kernel tells of the first signal
 * only, so that these threads are looked at until their requests are answered.
 */
export class InterruptedRequests {
  readonly #giveUp: (unique: number) => void;
  readonly #isBeingKilled: (pid: number) => boolean;
  readonly #waiting = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { giveUp: (unique: number) => void; isBeingKilled?: (pid: number) => boolean }) {
    this.#giveUp = options.giveUp;
    this.#isBeingKilled = options.isBeingKilled ?? isBeingKilled;
  }

  add(unique: number, pid: number): void {
    this.#waiting.set(unique, pid);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    this.#look();
  }

  /** It has been answered. */
  delete(unique: number): void {
    if (this.#waiting.delete(unique) && this.#waiting.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    for (const [unique, pid] of [...this.#waiting]) if (this.#isBeingKilled(pid)) this.#giveUp(unique);
  }
}

/** Whether SIGKILL waits for a thread, as it does of every fatal signal (proc_pid_status(5)); or it is gone. */
function isBeingKilled(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const pending = (field: string): bigint =>
      BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)`, "m").exec(status)?.[1] ?? "0"}`);
    return ((pending("SigPnd") | pending("ShdPnd")) & SIGKILL_BIT) !== 0n;
  } catch {
    return true;
  }
}
