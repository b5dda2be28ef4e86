import { constants } from "node:os";
import t from "tap";
import {
  closeDescriptor,
  encodeSockaddr,
  localEndpoint,
  openLoopbackDatagrams,
  openRefusingPlace,
  openTcpSocket,
  SilentListener,
  socketMessage,
  takenSocket,
} from "../../src/kernel/index.ts";
import { until } from "../fixtures/until.ts";

for (const family of [4, 6] as const) {
  void t.test(
    `IPv${family}: who connects to a silent place waits until it is met, and is connected then`,
    async (t) => {
      using place = new SilentListener(family);
      const waiting = openTcpSocket(family);
      t.teardown(() => closeDescriptor(waiting));
      t.equal(takenSocket.beginConnecting(waiting, place.address), "EINPROGRESS");
      t.equal(takenSocket.tcpState(waiting), takenSocket.TcpState.synSent);
      const ours = place.meet(encodeSockaddr(localEndpoint(waiting)));
      t.teardown(() => closeDescriptor(ours));
      await until(() => takenSocket.peerName(waiting) !== null, { what: "the connection" });
      t.equal(takenSocket.takePendingError(waiting), 0);
      t.same(takenSocket.peerName(ours), takenSocket.socketName(waiting));
      t.same(takenSocket.peerName(waiting), takenSocket.socketName(ours));
    },
  );
}

void t.test("a refusing place refuses connections", async (t) => {
  const { fd, endpoint } = openRefusingPlace(4, "tcp");
  t.teardown(() => closeDescriptor(fd));
  const waiting = openTcpSocket(4);
  t.teardown(() => closeDescriptor(waiting));
  takenSocket.beginConnecting(waiting, encodeSockaddr(endpoint));
  await until(() => takenSocket.tcpState(waiting) === takenSocket.TcpState.closed, { what: "a refusal" });
  t.equal(takenSocket.takePendingError(waiting), constants.errno.ECONNREFUSED);
  t.equal(takenSocket.takePendingError(waiting), 0, "it is told once");
});

void t.test("a refusing place refuses datagrams", async (t) => {
  const { fd, endpoint } = openRefusingPlace(4, "udp");
  t.teardown(() => closeDescriptor(fd));
  const { fd: sender } = openLoopbackDatagrams(4);
  t.teardown(() => closeDescriptor(sender));
  t.equal(takenSocket.connectSocket(sender, encodeSockaddr(endpoint)), null);
  const [payload, control] = [Buffer.from("x"), Buffer.alloc(0)];
  t.equal(socketMessage.sendMessage(sender, { name: null, payload, control, flags: 0 }), 1);
  const receive = () => socketMessage.receiveMessage(sender, { room: 9, controlRoom: 0, flags: 0 });
  await until(() => receive() === "ECONNREFUSED", { what: "a refusal" });
  t.equal(receive(), "EAGAIN");
});
