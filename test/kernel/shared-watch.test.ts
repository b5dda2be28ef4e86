import t from "tap";
import {
  closeDescriptor,
  encodeSockaddr,
  LOOPBACK,
  localEndpoint,
  openLoopbackDatagrams,
  socketMessage,
  takenSocket,
  watchShared,
} from "../../src/kernel/index.ts";
import { socket } from "../../src/kernel/libc.ts";

void t.test("tells that something is there, and a socket that blocks goes on to", async (t) => {
  const [AF_INET, SOCK_DGRAM] = [2, 2];
  const fd = socket(AF_INET, SOCK_DGRAM, 0);
  t.teardown(() => closeDescriptor(fd));
  takenSocket.bindSocket(fd, encodeSockaddr({ family: 4, address: LOOPBACK[4], port: 0 }));
  const { promise, resolve } = Promise.withResolvers<void>();
  const watch = watchShared(fd, resolve);
  t.teardown(() => watch[Symbol.dispose]());
  const sender = openLoopbackDatagrams(4);
  t.teardown(() => closeDescriptor(sender.fd));
  const [name, payload, control] = [encodeSockaddr(localEndpoint(fd)), Buffer.from("x"), Buffer.alloc(0)];
  socketMessage.sendMessage(sender.fd, { name, payload, control, flags: 0 });
  await promise;
  t.equal(takenSocket.isNonBlocking(fd), false);
});
