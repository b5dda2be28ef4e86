/** The app of the demo's pod: `sample-app.ts <port>`. It knows nothing of Magpie. */
import { createServer } from "node:http";

const port = Number(process.argv[2] ?? 80);

createServer((request, response) => {
  const client = request.socket.remoteAddress?.replace(/^::ffff:/, "");
  response.setHeader("x-served-by", "pod");
  response.end(`the app in the pod: ${request.method} ${request.url}, and you are ${client}\n`);
}).listen(port, () => console.log(`listening ${port}`));
