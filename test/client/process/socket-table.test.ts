import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import t from "tap";
import {
  listenersFor,
  parseSocketTable,
  readListeningSockets,
} from "../../../src/client/process/socket-table.ts";

const header =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const row = (address: string, state: string, inode: number): string =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000 0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;

void t.test("rows of /proc/net/tcp and tcp6 give address, port and inode of listeners only", (t) => {
  const text =
    header +
    row("0100007F:1F90", "0A", 11) +
    row("0100007F:1F90", "01", 12) +
    row("00000000000000000000000000000000:0050", "0A", 13) +
    row("00000000000000000000000001000000:0051", "0A", 14) +
    row("0000000000000000FFFF00000100007F:0052", "0A", 15);
  t.same(parseSocketTable(text), [
    { address: "127.0.0.1", port: 8080, inode: 11 },
    { address: "::", port: 80, inode: 13 },
    { address: "::1", port: 81, inode: 14 },
    { address: "::ffff:127.0.0.1", port: 82, inode: 15 },
  ]);
  t.end();
});

void t.test("the most specific listener has the connection", (t) => {
  const any6 = { address: "::", port: 80, inode: 1 };
  const any4 = { address: "0.0.0.0", port: 80, inode: 2 };
  const exact = { address: "127.0.0.1", port: 80, inode: 3 };
  const other = { address: "127.0.0.2", port: 80, inode: 4 };
  const local = { address: "127.0.0.1", port: 80 };
  t.same(listenersFor([any6, any4, exact, other], local), [exact]);
  t.same(listenersFor([any6, any4, other], local), [any4]);
  t.same(listenersFor([any6, other], local), [any6]);
  t.same(listenersFor([other], local), []);
  t.same(listenersFor([any4, any6], { address: "0:0::1", port: 80 }), [any6]);
  t.same(listenersFor([exact], { address: "127.0.0.1", port: 81 }), []);
  t.end();
});

void t.test("a listener of this machine is found, v4 and v6", async (t) => {
  for (const host of ["127.0.0.1", "::1"]) {
    const server = createServer().listen(0, host);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // A TCP server's address is no string.
    const found = listenersFor(await readListeningSockets(), { address: host, port });
    t.match(found, [{ address: host, port }]);
    server.close();
    await once(server, "close");
    t.same(listenersFor(await readListeningSockets(), { address: host, port }), []);
  }
});
