/** The app of the demo's pod: `sample-app.ts <port>`. It knows nothing of Magpie. */
import { createServer } from "node:http";

const port = Number(process.argv[2] ?? 80);

createServer((request, response) => {
  const client = request.socket.remoteAddress?.replace(/^::ffff:/, "");
  response.setHeader("x-served-by", "pod");
  const price = /^\/prices\/(\d+)$/.exec(request.url ?? "")?.[1];
  if (price === undefined)
    return response.end(`the app in the pod: ${request.method} ${request.url}, and you are ${client}\n`);
  response.setHeader("content-type", "application/json");
  return response.end(`${JSON.stringify({ item: price, cents: 250 * Number(price), asked: Date.now() })}\n`);
}).listen(port, () => console.log(`listening ${port}`));
