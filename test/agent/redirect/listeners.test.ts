import { once } from "node:events";
import { connect } from "node:net";
import t from "tap";
import { type Diverted, Listeners } from "../../../src/agent/redirect/listeners.ts";
import { closeDescriptor, type Endpoint } from "../../../src/kernel/index.ts";
import { until } from "../../fixtures/until.ts";

for (const source of ["local-address", "so-original-dst"] as const) {
  void t.test(`${source}: who connects to the listener itself is a stranger, and is closed`, async (t) => {
    const strangers: Endpoint[] = [];
    const listeners = new Listeners({
      source,
      onDiverted: ({ original }: Diverted) => t.fail(`diverted from ${original.address}`),
      onStranger: (peer) => strangers.push(peer),
      onError: (error) => t.fail(error.message),
      close: closeDescriptor,
    });
    for (const [host, port] of [
      ["127.0.0.1", listeners.port4],
      ["::1", listeners.port6],
    ] as const) {
      if (port === undefined) throw new Error(`nothing listens on ${host}`);
      const socket = connect({ host, port });
      socket.on("error", () => undefined).resume();
      await once(socket, "close");
      t.match(strangers.pop(), { address: host });
    }
    listeners.close();
    listeners.close();
    await until(() => refuses(listeners.port4 ?? 0), { what: "the listeners to be closed" });
  });
}

async function refuses(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  socket.on("connect", () => socket.destroy());
  socket.on("close", () => resolve(false));
  return promise;
}
