import { stat } from "node:fs";

const variable = "UV_THREADPOOL_SIZE";
/** What libuv takes where nothing is said, and at most (libuv, src/threadpool.c). */
const usual = 4;
const most = 1024;

let widened: number | undefined;

/**
 * Has libuv's pool begin with so many threads, or with those that the user's own UV_THREADPOOL_SIZE asks for when they are
 * more. Each may wait for a file system far away. Counts only before anything has used the pool, which begins once for a
 * process; the variable is as before afterwards, for whatever this process starts.
 */
export function widenThreadPool(threads: number): void {
  const before = process.env[variable];
  widened = Math.max(threads, asked(process.env));
  process.env[variable] = String(widened);
  // The first use reads the variable, before it returns.
  stat("/", () => undefined);
  if (before === undefined) delete process.env[variable];
  else process.env[variable] = before;
}

/** How many threads libuv's pool has. */
export function threadPoolSize(): number {
  return widened ?? asked(process.env);
}

function asked(environment: NodeJS.ProcessEnv): number {
  const threads = Number(environment[variable] ?? usual);
  return Number.isInteger(threads) && threads > 0 ? Math.min(threads, most) : usual;
}
