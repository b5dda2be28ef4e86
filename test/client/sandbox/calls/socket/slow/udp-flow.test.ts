import t from "tap";
import { DatagramRelays } from "../../../../../../src/client/sandbox/calls/socket/slow/datagram-relays.ts";
import { UdpFlow } from "../../../../../../src/client/sandbox/calls/socket/slow/udp-flow.ts";

void t.test("two datagrams that are read after each other leave as two", (t) => {
  using relays = new DatagramRelays({ tell: () => undefined, onDatagram: () => undefined });
  const sent: Buffer[] = [];
  const flow = new UdpFlow({
    ...{ inode: 1, cookie: 1n, place: { tid: 0, descriptor: 0 }, relays, refusing: {} },
    open: () => ({ send: (payload) => void sent.push(payload), close: () => undefined }),
  });
  // As what the kernel gives is read: one after the other into the same memory.
  const memory = Buffer.alloc(1);
  for (const text of ["a", "b"]) {
    memory.write(text);
    flow.send(memory, { family: 4, address: "10.88.0.53", port: 53 });
  }
  t.equal(sent.join(), "a,b");
  t.end();
});
