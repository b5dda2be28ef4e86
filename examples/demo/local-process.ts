/**
 * A developer's program, on the developer's machine: `local-process.ts <port> <whose>`. Takes a free port when that one is
 * taken. Its prices are the app's, but for a new rounding.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const wanted = Number(process.argv[2] ?? 8080);
const whose = process.argv[3] ?? "your";

const server = createServer((request, response) => {
  let bodyBytes = 0;
  request.on("data", (chunk: Buffer) => {
    bodyBytes += chunk.length;
  });
  request.once("end", () => {
    const body = bodyBytes > 0 ? ` with ${bodyBytes} bytes` : "";
    response.setHeader("x-served-by", "local");
    const price = /^\/prices\/(\d+)$/.exec(request.url ?? "")?.[1];
    if (price === undefined)
      return response.end(`${whose} own process: ${request.method} ${request.url}${body}\n`);
    const cents = Math.round((250 * Number(price)) / 100) * 100;
    response.setHeader("content-type", "application/json");
    return response.end(`${JSON.stringify({ item: price, cents, asked: Date.now() })}\n`);
  });
});

server.on("listening", () => console.log(`listening ${(server.address() as AddressInfo).port}`)); // TCP: never a string.
server.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EADDRINUSE" || wanted === 0) throw error;
  server.listen(0, "127.0.0.1");
});
server.listen(wanted, "127.0.0.1");
