import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import t from "tap";
import { reachableAnswer } from "../../../src/protocol/index.ts";
import { AskedAgent } from "./asked.ts";

void t.test("a port is reachable where somebody listens beyond loopback, in either family", async (t) => {
  const isReachable = async (host: string): Promise<boolean> => {
    const server = createServer().listen(0, host);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // A TCP server's.
    const { bodies } = await new AskedAgent().ask({ kind: "reachable", port }).over();
    server.close();
    return reachableAnswer(bodies[0] ?? null).reachable;
  };
  for (const host of ["0.0.0.0", "::"]) t.equal(await isReachable(host), true, host);
  for (const host of ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"])
    t.equal(await isReachable(host), false, host);
});

void t.test("nobody reaches a port that nobody listens on", async (t) => {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's.
  server.close();
  await once(server, "close");
  const { bodies } = await new AskedAgent().ask({ kind: "reachable", port }).over();
  t.same(bodies, [{ reachable: false }]);
  t.throws(() => reachableAnswer({ reachable: "yes" }), { code: "bad-message" });
});
