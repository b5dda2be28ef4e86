/** Both ends of what is measured, the program's and the far one, each in a process of its own. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { serveCalls } from "../../test/fixtures/calls.ts";
import { type Load, type Outcome, readBuffer, type ScenarioName, scenarios } from "./scenario.ts";

const BLOCK = Buffer.alloc(256 * 1024, "magpie ");
const ORDER_BYTES = 9;

const operations = {
  /** Serves orders on a free port, and gives it. */
  serve: async (host: string): Promise<number> => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, serve).listen(0, host);
    await once(server, "listening");
    return (server.address() as AddressInfo).port; // It listens on TCP.
  },
  /** Gives orders. */
  run: async (about: {
    scenario: ScenarioName;
    at: { host: string; port: number };
    load: Load;
  }): Promise<Outcome> => scenarios[about.scenario](() => connected(about.at), about.load),
};
export type EndOperations = typeof operations;

serveCalls(operations);

async function connected(at: { host: string; port: number }): Promise<Socket> {
  const socket = connect({
    ...at,
    noDelay: true,
    allowHalfOpen: true,
    onread: { buffer: readBuffer, callback: () => true },
  });
  await once(socket, "connect");
  return socket;
}

/** An order is a letter and a number of bytes: `d` wants so many, `u` brings so many, `e` wants back what comes. */
function serve(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  let order = Buffer.alloc(0);
  let left = 0;
  socket.on("data", (chunk: Buffer) => {
    let rest = chunk;
    if (order.length < ORDER_BYTES) {
      const missing = ORDER_BYTES - order.length;
      order = Buffer.concat([order, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (order.length < ORDER_BYTES) return;
      left = Number(order.readBigUInt64BE(1));
      if (order[0] === 0x64) return send(socket, left);
    }
    if (order[0] === 0x65) {
      if (rest.length > 0) socket.write(rest);
      return;
    }
    left -= rest.length;
    if (left === 0) socket.end("x");
  });
  socket.on("end", () => order[0] === 0x65 && socket.end());
}

function send(socket: Socket, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      const block = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
      left -= block.length;
      if (!socket.write(block)) return void socket.once("drain", more);
    }
    socket.end();
  };
  more();
}
