import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { Proc } from "../../test/fixtures/proc.ts";
import { until } from "../../test/fixtures/until.ts";
import { developerCore } from "./stage.ts";

/**
 * The developer's program: an nginx on this machine's own loopback. `configure` gets `127.0.0.1:port` and gives the path
 * of a configuration. Gives the port; the stack ends it.
 */
export async function startLocalNginx(options: {
  folder: string;
  configure: (listen: string) => string;
  stack: AsyncDisposableStack;
}): Promise<number> {
  const { folder, configure, stack } = options;
  const port = await freePort();
  // In a pid namespace of its own, nginx's worker ends with its master, however that ends.
  const own = ["unshare", "--pid", "--fork", "--kill-child"];
  const nginx = ["nginx", "-c", configure(`127.0.0.1:${port}`)];
  const command = ["taskset", "-c", String(developerCore), ...own, ...nginx] as const;
  const proc = stack.use(await Proc.start({ command, cwd: folder }));
  await until(async () => !proc.running || (await accepts(port)), { what: "the local process to listen" });
  if (!proc.running) throw new Error(`the local process ended:\n${proc.output()}`);
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false; // Not yet.
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's address is no string.
  server.close();
  await once(server, "close");
  return port;
}
