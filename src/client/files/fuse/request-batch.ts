/** What the thread that reads requests is started with. */
export interface ReaderThreadData {
  /** The device's descriptor, which is the whole process's. */
  readonly device: number;
  /** A `WakeUp`'s: it ends the thread. */
  readonly stop: number;
  /** How many bytes of requests have been handed over and are not answered: one Int32. */
  readonly underWay: SharedArrayBuffer;
}

/** Some requests, as they came. */
export interface RequestBatch {
  readonly requests: readonly Uint8Array<ArrayBuffer>[];
}
