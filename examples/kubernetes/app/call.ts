/**
 * A caller inside the cluster: reads requests from its standard input, one JSON object a line, and prints what came of each, one
 * line each, in the order in which they end.
 *
 * `{ "id": 1, "url": "http://10.251.0.4:8080/", "headers": { "x-tenant": "blue" }, "uploadBytes": 1000 }`
 * → `{ "id": 1, "status": 200, "body": "…", "sha256": "of what was sent" }` or `{ "id": 1, "error": "ECONNREFUSED" }`
 */
import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

interface Call {
  readonly id: number;
  readonly url: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly uploadBytes?: number;
  /** Upload so slowly; as fast as it goes by default. */
  readonly bytesPerSecond?: number;
}

const chunkBytes = 64 * 1024;

process.stdout.write('{"ready":true}\n');
for await (const line of createInterface({ input: process.stdin })) void call(JSON.parse(line) as Call);

async function call({ id, url, method, headers, uploadBytes = 0, bytesPerSecond }: Call): Promise<void> {
  const hash = createHash("sha256");
  try {
    const verb = method ?? (uploadBytes > 0 ? "POST" : "GET");
    const asked = request(url, { method: verb, agent: false, ...(headers === undefined ? {} : { headers }) });
    const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
      asked.on("error", reject);
      asked.on("response", (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => (body += text));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      });
    });
    await Promise.race([
      answered,
      pipeline(Readable.from(content(uploadBytes, bytesPerSecond, (chunk) => hash.update(chunk))), asked),
    ]);
    tell({ id, ...(await answered), sha256: hash.digest("hex") });
  } catch (error) {
    tell({ id, error: error instanceof Error && "code" in error ? error.code : String(error) });
  }
}

async function* content(
  bytes: number,
  bytesPerSecond: number | undefined,
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  for (let left = bytes; left > 0; left -= chunkBytes) {
    const chunk = randomBytes(Math.min(left, chunkBytes));
    onChunk(chunk);
    yield chunk;
    if (bytesPerSecond !== undefined)
      await new Promise((resolve) => setTimeout(resolve, (chunkBytes / bytesPerSecond) * 1_000));
  }
}

function tell(outcome: object): void {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
