import {
  type Accepted,
  acceptOne,
  closeDescriptor,
  KernelError,
  type ReadableWatch,
  watchReadable,
} from "../../../kernel/index.ts";

/** Accepted in one turn of the event loop. */
const BATCH = 64;
/** How long a queue is left alone when this process is out of descriptors: else it would be told of again and again. */
const PAUSE_MS = 100;

/** Accepts connections on listeners that it owns, and waits when this process has no descriptors left. */
export class PatientListeners implements Disposable {
  readonly #onAccepted: (accepted: Accepted) => void;
  readonly #onFault: (error: KernelError) => void;
  readonly #watches = new Map<number, ReadableWatch>();
  #isOpen = true;

  /** `onAccepted` owns the descriptors that it is given; `onFault` is told of what passes, such as EMFILE. */
  constructor(options: {
    listeners: readonly number[];
    onAccepted: (accepted: Accepted) => void;
    onFault?: (error: KernelError) => void;
  }) {
    this.#onAccepted = options.onAccepted;
    this.#onFault = options.onFault ?? (() => undefined);
    for (const listener of options.listeners) this.#listen(listener);
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const [listener, watch] of this.#watches) {
      watch.close();
      closeDescriptor(listener);
    }
  }

  #listen(listener: number): void {
    this.#watches.set(
      listener,
      watchReadable(listener, () => this.#accept(listener)),
    );
  }

  #accept(listener: number): void {
    try {
      for (let left = BATCH; left > 0 && this.#isOpen; left--) {
        const accepted = acceptOne(listener);
        if (accepted === undefined) return;
        this.#onAccepted(accepted);
      }
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#onFault(error);
      this.#watches.get(listener)?.close();
      setTimeout(() => this.#isOpen && this.#listen(listener), PAUSE_MS).unref();
    }
  }
}
