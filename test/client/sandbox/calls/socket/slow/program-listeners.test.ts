import t from "tap";
import { ProgramListeners } from "../../../../../../src/client/sandbox/calls/socket/slow/program-listeners.ts";
import type { Endpoint } from "../../../../../../src/kernel/index.ts";

const pod4: Endpoint = { family: 4, address: "10.88.0.10", port: 8080 };
const pod6: Endpoint = { family: 6, address: "fd88::a", port: 8080 };

function listeningAt(at: Endpoint, { isOnlyIPv6 = false } = {}): ProgramListeners {
  const events = { onListening: () => undefined, onClosed: () => undefined };
  const listeners = new ProgramListeners({ events, podAddresses: [pod4.address, pod6.address] });
  listeners.listening({ inode: 1, port: 8080, at, isOnlyIPv6, isOnLoopback: false, isPortChosen: true });
  return listeners;
}

void t.test("a listener of both families is reached by the pod's address of either, each by its own", (t) => {
  using listeners = listeningAt({ family: 6, address: "::", port: 9 });
  t.same(listeners.ownAt(pod4), { family: 4, address: "127.0.0.1", port: 9 });
  t.same(listeners.ownAt(pod6), { family: 6, address: "::1", port: 9 });
  t.end();
});

void t.test("a listener of one family is not reached by the pod's address of the other", (t) => {
  using only6 = listeningAt({ family: 6, address: "::", port: 9 }, { isOnlyIPv6: true });
  t.equal(only6.ownAt(pod4), undefined);
  t.same(only6.ownAt(pod6), { family: 6, address: "::1", port: 9 });
  using only4 = listeningAt({ family: 4, address: "0.0.0.0", port: 9 });
  t.equal(only4.ownAt(pod6), undefined);
  t.same(only4.ownAt(pod4), { family: 4, address: "127.0.0.1", port: 9 });
  t.end();
});
