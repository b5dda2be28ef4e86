/**
 * Ends this process by a signal, so that whoever waits for it sees what the program has died of. Returns where the signal does
 * not end us, as one that we were started to ignore.
 */
export function dieBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
