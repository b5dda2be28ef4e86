import { type Logger, pino } from "pino";

/** The agent's log. Names, sizes and ids only: never a header's value, a body or a ticket. */
export type Log = Logger;

/** A log that appends to `file`, one JSON object a line; the file is readable by its owner only. */
export function openLog(options: { file: string; level: string }): Log {
  return pino({ level: options.level }, pino.destination({ dest: options.file, mode: 0o600, sync: true }));
}

/** A log to stdout, where a container's log is read from. */
export function stdoutLog(level: string): Log {
  return pino({ level }, pino.destination({ dest: 1, sync: true }));
}

/** A log that nobody reads. */
export function silentLog(): Log {
  return pino({ level: "silent" });
}
