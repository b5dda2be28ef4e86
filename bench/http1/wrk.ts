import { fileURLToPath } from "node:url";
import type { Namespace } from "../../test/fixtures/namespaces.ts";

/** What wrk saw in one slice. */
export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Broken connections, time-outs and answers that are no success. */
  readonly failures: number;
  readonly p50Microseconds: number;
  readonly p99Microseconds: number;
}

const script = fileURLToPath(new URL("head.lua", import.meta.url));

/** Runs one thread of wrk on one core, from a namespace. @throws Error with its output when it prints no result. */
export async function runWrk(options: {
  namespace: Namespace;
  core: number;
  url: string;
  connections: number;
  seconds: number;
  headers?: readonly string[];
}): Promise<LoadResult> {
  const { namespace, core, url, connections, seconds, headers = [] } = options;
  const extra = headers.flatMap((header) => ["-H", header]);
  const wrk = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-s", script, ...extra, url];
  const { stdout, stderr } = await namespace.run("taskset", "-c", String(core), ...wrk);
  const pattern = /^RESULT requests=(\d+) microseconds=(\d+) failures=(\d+) p50=(\d+) p99=(\d+)$/m;
  const numbers = pattern.exec(stdout)?.slice(1).map(Number);
  if (!numbers) throw new Error(`wrk gave no result:\n${stdout}${stderr}`);
  const [requests = 0, microseconds = 1, failures = 0, p50Microseconds = 0, p99Microseconds = 0] = numbers;
  const requestsPerSecond = requests / (microseconds / 1e6);
  return { requests, requestsPerSecond, failures, p50Microseconds, p99Microseconds };
}
