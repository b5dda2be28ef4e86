import { constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";

/** What waits for a reader who does not read; more is dropped. */
const maxWaitingBytes = 1024 * 1024;

/**
 * Gives a writer to a stderr that a program of ours writes to as well.
 *
 * For the program a pipe must block, and then ours would too, since it is the same open file (open(2)): a reader who does not
 * read would stop all of magpie. So a pipe is opened once more for us. What nobody reads is dropped above 1 MB.
 */
export function writeToSharedStderr(): (text: string) => void {
  const own = pipeOfOurs() ?? process.stderr;
  return (text) => {
    if (own.writableLength < maxWaitingBytes) own.write(text);
  };
}

/** Undefined for what is no pipe, or may not be opened: another user's. */
function pipeOfOurs(): Socket | undefined {
  if (!fstatSync(2).isFIFO()) return undefined;
  try {
    const fd = openSync("/proc/self/fd/2", constants.O_WRONLY | constants.O_NONBLOCK);
    const socket = new Socket({ fd, readable: false, writable: true });
    // Who reads it may go away, which is no failure of ours.
    socket.on("error", () => undefined).unref();
    return socket;
  } catch {
    return undefined;
  }
}
