/** The developer's program, on the developer's machine: `local-process.ts <port>`. Takes a free port when that one is taken. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const wanted = Number(process.argv[2] ?? 8080);

const server = createServer((request, response) => {
  let bodyBytes = 0;
  request.on("data", (chunk: Buffer) => {
    bodyBytes += chunk.length;
  });
  request.once("end", () => {
    const body = bodyBytes > 0 ? ` with ${bodyBytes} bytes` : "";
    response.setHeader("x-served-by", "local");
    response.end(`your own process: ${request.method} ${request.url}${body}, set a breakpoint if you like\n`);
  });
});

server.on("listening", () => console.log(`listening ${(server.address() as AddressInfo).port}`)); // TCP: never a string.
server.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EADDRINUSE" || wanted === 0) throw error;
  server.listen(0, "127.0.0.1");
});
server.listen(wanted, "127.0.0.1");
