import t from "tap";
import {
  closeDescriptor,
  encodeSockaddr,
  openLoopbackDatagrams,
  socketMessage,
} from "../../src/kernel/index.ts";

function pair(t: { teardown(action: () => void): void }) {
  const [one, other] = [openLoopbackDatagrams(4), openLoopbackDatagrams(4)];
  t.teardown(() => closeDescriptor(one.fd));
  t.teardown(() => closeDescriptor(other.fd));
  return { one, other };
}

const control = Buffer.alloc(0);
const whole = { room: 100, controlRoom: 0, flags: 0 };

void t.test("a message has its bytes and its sender", (t) => {
  const { one, other } = pair(t);
  const name = encodeSockaddr(other.endpoint);
  t.equal(socketMessage.sendMessage(one.fd, { name, payload: Buffer.from("hello"), control, flags: 0 }), 5);
  const message = socketMessage.receiveMessage(other.fd, whole);
  t.match(message, { length: 5, flags: 0 });
  if (typeof message === "string") throw new Error(message);
  t.equal(message.payload.toString(), "hello");
  t.same(Buffer.from(message.name), Buffer.from(encodeSockaddr(one.endpoint)));
  t.equal(socketMessage.receiveMessage(other.fd, whole), "EAGAIN");
  t.end();
});

void t.test("what there is no room for is lost, and that is told", (t) => {
  const { one, other } = pair(t);
  const name = encodeSockaddr(other.endpoint);
  socketMessage.sendMessage(one.fd, { name, payload: Buffer.from("hello"), control, flags: 0 });
  const MSG_TRUNC = 0x20;
  const message = socketMessage.receiveMessage(other.fd, { ...whole, room: 2, flags: MSG_TRUNC });
  t.match(message, { length: 5, flags: MSG_TRUNC });
  if (typeof message !== "string") t.equal(message.payload.toString(), "he");
  t.end();
});

void t.test("too much is refused, not cut", (t) => {
  const { one, other } = pair(t);
  const name = encodeSockaddr(other.endpoint);
  const send = (payload: Buffer, control: Buffer) =>
    socketMessage.sendMessage(one.fd, { name, payload, control, flags: 0 });
  t.equal(send(Buffer.alloc(socketMessage.MAX_MESSAGE_BYTES + 1), control), "EMSGSIZE");
  t.equal(send(Buffer.alloc(1), Buffer.alloc(socketMessage.MAX_CONTROL_BYTES + 1)), "ENOBUFS");
  t.equal(send(Buffer.alloc(65_508), control), "EMSGSIZE", "more than UDP has");
  t.equal(send(Buffer.alloc(65_507), control), 65_507);
  t.end();
});
