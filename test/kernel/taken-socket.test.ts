import { closeSync, openSync } from "node:fs";
import t from "tap";
import {
  closeDescriptor,
  encodeSockaddr,
  openLoopbackDatagrams,
  openTcpSocket,
  SilentListener,
  takenSocket,
} from "../../src/kernel/index.ts";

const { closed, synSent } = takenSocket.TcpState;

void t.test("tells what kind of socket it is", (t) => {
  for (const [fd, kind] of [
    [openTcpSocket(4), "tcp4"],
    [openTcpSocket(6), "tcp6"],
    [openLoopbackDatagrams(4).fd, "udp4"],
    [openLoopbackDatagrams(6).fd, "udp6"],
  ] as const) {
    t.equal(takenSocket.socketKind(fd), kind);
    closeDescriptor(fd);
  }
  const file = openSync("/dev/null", "r");
  t.equal(takenSocket.socketKind(file), "other");
  t.equal(takenSocket.tcpState(file), undefined);
  t.equal(takenSocket.socketCookie(file), -1n);
  t.equal(takenSocket.socketName(file), null);
  closeSync(file);
  t.end();
});

void t.test("a cookie tells a socket from every other", (t) => {
  const fds = [openTcpSocket(4), openTcpSocket(4)];
  const cookies = fds.map((fd) => takenSocket.socketCookie(fd));
  t.same(
    cookies,
    fds.map((fd) => takenSocket.socketCookie(fd)),
  );
  t.not(cookies[0], cookies[1]);
  fds.forEach((fd) => closeDescriptor(fd));
  t.end();
});

void t.test("connecting begins without waiting, and leaves whether it blocks as it was", (t) => {
  using place = new SilentListener(4);
  const fd = openTcpSocket(4);
  t.teardown(() => closeDescriptor(fd));
  t.equal(takenSocket.beginConnecting(fd, place.address), "EINPROGRESS");
  t.equal(takenSocket.isNonBlocking(fd), true);
  t.equal(takenSocket.tcpState(fd), synSent);
  t.equal(takenSocket.beginConnecting(fd, place.address), "EALREADY");
  takenSocket.disconnectSocket(fd);
  t.equal(takenSocket.tcpState(fd), closed);
  t.not(takenSocket.takePendingError(fd), 0);
  t.equal(takenSocket.beginConnecting(fd, place.address), "EINPROGRESS", "as if it had never been connected");
  t.end();
});

void t.test("an errno is a value", (t) => {
  const fd = openTcpSocket(4);
  t.teardown(() => closeDescriptor(fd));
  const foreign = encodeSockaddr({ family: 4, address: "192.0.2.1", port: 0 });
  t.equal(takenSocket.bindSocket(fd, foreign), "EADDRNOTAVAIL");
  t.equal(takenSocket.bindSocket(fd, encodeSockaddr({ family: 4, address: "127.0.0.1", port: 0 })), null);
  t.equal(takenSocket.listenOnSocket(fd, 1), null);
  t.equal(takenSocket.tcpState(fd), takenSocket.TcpState.listening);
  t.equal(takenSocket.peerName(fd), null);
  t.end();
});

void t.test("no limit is null", (t) => {
  const fd = openTcpSocket(4);
  t.teardown(() => closeDescriptor(fd));
  t.equal(takenSocket.waitLimitMs(fd, "send"), null);
  t.equal(takenSocket.waitLimitMs(fd, "receive"), null);
  t.end();
});
