import type { Namespace } from "../../test/fixtures/namespaces.ts";

/** What h2load saw in one slice. */
export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Broken streams and connections, time-outs and answers that are no success. */
  readonly failures: number;
  readonly meanMicroseconds: number;
  /** Content, without frame headers. */
  readonly dataBytes: number;
}

/** The head of `bench/http1/head.lua`, about 660 bytes before HPACK; the same on every stream, as one client's mostly are. */
const head = [
  "user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
  "accept: application/json, text/plain, */*",
  "accept-language: en-GB,en;q=0.9,de;q=0.8",
  "accept-encoding: gzip, deflate, br",
  "cache-control: no-cache",
  "referer: https://shop.example.com/orders/2026/11",
  "cookie: session=5f2b7c9e1d3a4f60b8c7; theme=dark; region=eu-central-1",
  "x-request-id: 7f9c0a52-61b4-4f0e-9d2b-3c8e5a17d604",
  "x-forwarded-proto: https",
  "x-b3-traceid: 463ac35c9f6413ad48485a3953bb6124",
  "x-b3-spanid: a2fb4a1d1a96d312",
  "x-tenant: green",
];

/** Runs one thread of h2load on one core, from a namespace. @throws Error with its output when it prints no result. */
export async function runH2load(options: {
  namespace: Namespace;
  core: number;
  /** `http://host:port` */
  base: string;
  /** Path of a file with one request path a line; they are asked for in turn. */
  pathsFile: string;
  connections: number;
  streams: number;
  seconds: number;
}): Promise<LoadResult> {
  const { namespace, core, base, pathsFile, connections, streams, seconds } = options;
  const fields = head.flatMap((line) => ["-H", line]);
  const shape = ["-t1", `-c${connections}`, `-m${streams}`, "-D", String(seconds), "--warm-up-time=0"];
  const h2load = ["h2load", ...shape, ...fields, "-B", base, "-i", pathsFile];
  const { stdout, stderr } = await namespace.run("taskset", "-c", String(core), ...h2load);
  const result = readResult(stdout);
  if (result === undefined) throw new Error(`h2load gave no result:\n${stdout}${stderr}`);
  return result;
}

/** Reads what h2load prints at its end; undefined when it is not there. */
function readResult(text: string): LoadResult | undefined {
  const rate = /^finished in .*, ([\d.]+) req\/s/m.exec(text);
  const counts =
    /^requests: .* (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m.exec(text);
  const codes = /^status codes: \d+ 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$/m.exec(text);
  const traffic = /^traffic: .* \((\d+)\) data$/m.exec(text);
  const times = /^time for request: +\S+ +\S+ +([\d.]+)(us|ms|s) /m.exec(text);
  if (!rate || !counts || !codes || !traffic) return undefined;
  const [done = 0, , failed = 0, errored = 0, timedOut = 0] = counts.slice(1).map(Number);
  const unsuccessful = codes.slice(1).reduce((sum, code) => sum + Number(code), 0);
  const unit = { us: 1, ms: 1e3, s: 1e6 }[times?.[2] ?? ""] ?? 0;
  return {
    requests: done,
    requestsPerSecond: Number(rate[1]),
    failures: failed + errored + timedOut + unsuccessful,
    meanMicroseconds: Number(times?.[1] ?? 0) * unit,
    dataBytes: Number(traffic[1]),
  };
}
