import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import t from "tap";
import { UdpFlows } from "../../../../src/client/sandbox/namespace/udp-flows.ts";
import type { DatagramEvents } from "../../../../src/client/outgoing/index.ts";
import {
  type Endpoint,
  formatEndpoint,
  localEndpoint,
  openSocketDiagnosis,
  openTransparentDatagramSocket,
  SocketDiagnosis,
} from "../../../../src/kernel/index.ts";
import { until } from "../../../fixtures/until.ts";

/** Flows of whoever sends to a port of this machine: where nothing is diverted, that is where they were going. */
class Caught implements Disposable {
  readonly port: number;
  readonly sent: string[] = [];
  readonly answers: { packet: Buffer; to: Endpoint }[] = [];
  readonly far: DatagramEvents[] = [];
  closed = 0;
  readonly #stack = new DisposableStack();

  constructor() {
    const socket = openTransparentDatagramSocket({ family: 4, address: "127.0.0.1", port: 0 });
    this.port = localEndpoint(socket).port;
    const diagnosis = this.#stack.use(new SocketDiagnosis(openSocketDiagnosis()));
    const flows = new UdpFlows({
      outgoing: {
        datagrams: (events) => {
          this.far.push(events);
          return {
            send: (payload, to, options) =>
              this.sent.push(
                `${payload.toString()} to ${formatEndpoint(to)}${options?.connected ? " connected" : ""}`,
              ),
            close: () => this.closed++,
          };
        },
      },
      sockets: [socket],
      answer: (packet, to) => this.answers.push({ packet, to }),
      diagnosis,
      onFault: (error) => t.fail(String(error)),
    });
    this.#stack.use(flows);
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}

function caller(): Socket {
  return createSocket("udp4").bind(0, "127.0.0.1").unref();
}

void t.test(
  "each socket has a flow of its own, whatever it sends where, and it is told whether it is connected",
  async (t) => {
    using caught = new Caught();
    const to = `127.0.0.1:${caught.port}`;
    const [free, connected] = [caller(), caller()];
    connected.connect(caught.port, "127.0.0.1");
    await once(connected, "connect");
    free.send("one", caught.port, "127.0.0.1");
    await until(() => caught.sent.length === 1, { what: "the first datagram" });
    free.send("two", caught.port, "127.0.0.1");
    connected.send("three");
    await until(() => caught.sent.length === 3, { what: "all datagrams" });
    t.same(caught.sent.sort(), [`one to ${to}`, `three to ${to} connected`, `two to ${to}`]);
    t.equal(caught.far.length, 2);
    const port = free.address().port;
    caught.far[0]?.onDatagram(Buffer.from("answer"), { family: 4, address: "9.9.9.9", port: 53 });
    t.match(caught.answers[0]?.to, { address: "127.0.0.1", port });
    caught.far[0]?.onDatagram(Buffer.from("answer"), { family: 6, address: "::1", port: 53 });
    t.equal(caught.answers.length, 1, "what cannot be a packet is lost, as UDP may");
    free.close();
    connected.close();
  },
);

void t.test(
  "above the bound the flow that was silent longest is let go, and at the end all are",
  async (t) => {
    const caught = new Caught();
    const first = caller();
    first.send("first", caught.port, "127.0.0.1");
    await until(() => caught.far.length === 1, { what: "the first flow" });
    const others = Array.from({ length: 1_024 }, caller);
    for (const [index, other] of others.entries()) {
      other.send("other", caught.port, "127.0.0.1");
      // Less than the kernel's buffer holds.
      if (index % 64 === 63) await until(() => caught.far.length === index + 2, { what: "their flows" });
    }
    t.equal(caught.closed, 1);
    first.send("again", caught.port, "127.0.0.1");
    await until(() => caught.far.length === 1_026, { what: "a new flow of the first one" });
    t.equal(caught.closed, 2);
    caught[Symbol.dispose]();
    t.equal(caught.closed, 1_026);
    for (const socket of [first, ...others]) socket.close();
  },
);
