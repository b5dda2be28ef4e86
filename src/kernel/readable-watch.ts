import { watch } from "./libc-packet.ts";

/** A watch that goes on until it is closed, which must happen before its descriptor is closed. Closing twice does nothing. */
export interface ReadableWatch extends Disposable {
  close(): void;
  /** Lets the process end though the watch goes on. */
  unref(): this;
}

/**
 * Calls `onReadable` on the event loop whenever the descriptor can be read, for any kind that poll(2) knows: no thread of
 * the pool waits for it. The descriptor becomes one that does not block. What was not read is told again.
 */
export function watchReadable(fd: number, onReadable: () => void): ReadableWatch {
  let told = false;
  let isOpen = true;
  // libuv calls outside of Node's turns: promises and ticks that were made there would wait for somebody else's turn.
  const handle = watch(fd, () => {
    if (told) return;
    told = true;
    setImmediate(() => {
      told = false;
      if (isOpen) onReadable();
    });
  });
  const close = (): void => {
    if (isOpen) handle.close();
    isOpen = false;
  };
  return {
    close,
    unref() {
      if (isOpen) handle.unref();
      return this;
    },
    [Symbol.dispose]: close,
  };
}
