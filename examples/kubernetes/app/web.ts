/**
 * A small shop window: says who answers, from which pod and in which version, with what it is configured by, and takes uploads.
 * Its liveness probe looks at a file that it keeps young.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { hostname } from "node:os";

const { PORT = "8080", VERSION = "1", GREETING = "", PASSWORD = "" } = process.env;

const server = createServer((request, response) => {
  void answer(request, response).catch((error: unknown) => {
    response.statusCode = 500;
    response.end(`${String(error)}\n`);
  });
});
server.listen(Number(PORT), "::", () => process.stdout.write(`listening on ${PORT}\n`));
keepAliveFile();
setInterval(keepAliveFile, 1_000);
process.on("SIGTERM", () => {
  server.close(() => process.exit());
  server.closeIdleConnections();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://web");
  if (url.pathname === "/healthz") {
    response.end("ok\n");
    return;
  }
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  response.setHeader("content-type", "application/json");
  response.end(
    `${JSON.stringify({
      by: "original",
      pod: hostname(),
      version: VERSION,
      path: url.pathname,
      client: request.socket.remoteAddress,
      greeting: GREETING,
      page: readFileSync("/etc/web/page.txt", "utf8").trim(),
      // Never the password itself: whoever reads this is a browser.
      passwordLength: PASSWORD.length,
      received: { bytes, sha256: hash.digest("hex") },
    })}\n`,
  );
}

function keepAliveFile(): void {
  writeFileSync("/tmp/alive", new Date().toISOString());
}
