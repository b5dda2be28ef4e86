import t from "tap";
import { type InnerAddress, ListenerWatch } from "../../../../src/client/sandbox/namespace/listener-watch.ts";
import {
  closeDescriptor,
  localEndpoint,
  openListener,
  openSocketDiagnosis,
  SocketDiagnosis,
} from "../../../../src/kernel/index.ts";
import { until } from "../../../fixtures/until.ts";

/** A watch of the machine's own listeners, of which only the test's are told. */
class Watched implements Disposable {
  readonly told: string[] = [];
  readonly watch: ListenerWatch;
  readonly #diagnosis = new SocketDiagnosis(openSocketDiagnosis());
  readonly #open = new Set<number>();
  readonly #ports = new Set<number>();

  constructor() {
    const tell = (what: string) => (port: number) => {
      if (this.#ports.has(port)) this.told.push(`${what} ${port}`);
    };
    const events = { onOpened: tell("opened"), onClosed: tell("closed") };
    this.watch = new ListenerWatch({ diagnosis: this.#diagnosis, events });
  }

  /** Somebody listens; on a free port when it is 0. */
  listen(family: 4 | 6, address: string, port = 0): { descriptor: number; port: number } {
    const descriptor = openListener({ family, address, port }, { transparent: false, backlog: 1 });
    this.#open.add(descriptor);
    const given = localEndpoint(descriptor).port;
    this.#ports.add(given);
    return { descriptor, port: given };
  }

  close(descriptor: number): void {
    this.#open.delete(descriptor);
    closeDescriptor(descriptor);
  }

  [Symbol.dispose](): void {
    this.watch[Symbol.dispose]();
    this.#diagnosis[Symbol.dispose]();
    for (const descriptor of this.#open) closeDescriptor(descriptor);
  }
}

void t.test(
  "a listener is told once until its last socket is closed, though nobody told of it",
  async (t) => {
    using watched = new Watched();
    const { watch, told } = watched;
    watch.look();
    const four = watched.listen(4, "127.0.0.1");
    const six = watched.listen(6, "::1", four.port);
    watch.look();
    watch.look();
    t.same(told, [`opened ${four.port}`]);
    watched.close(four.descriptor);
    watch.closed(four.port);
    t.same(told, [`opened ${four.port}`], "another one listens on it");
    watched.close(six.descriptor);
    watch.look();
    t.same(told, [`opened ${four.port}`, `closed ${four.port}`]);
  },
);

void t.test(
  "who is told of a port believes it before the kernel's table has it, unless it is taken back",
  async (t) => {
    using watched = new Watched();
    const { watch, told } = watched;
    const { descriptor, port } = watched.listen(4, "127.0.0.1");
    watched.close(descriptor);
    watch.opened(port);
    watch.look();
    t.same(told, [`opened ${port}`]);
    watch.closed(port);
    t.same(told, [`opened ${port}`, `closed ${port}`]);
  },
);

void t.test(
  "who hears of one port tells of that one: the others are being told of, or seen later",
  async (t) => {
    using watched = new Watched();
    const { watch, told } = watched;
    const [first, second] = [watched.listen(4, "127.0.0.1"), watched.listen(4, "127.0.0.1")];
    watch.opened(first.port);
    t.same(told, [`opened ${first.port}`]);
    await until(() => told.length === 2, { what: "the other one" });
    t.same(told, [`opened ${first.port}`, `opened ${second.port}`]);
  },
);

void t.test("of several listeners on a port, the one that takes IPv4 on loopback is dialled", async (t) => {
  using watched = new Watched();
  const cases: [family: 4 | 6, address: string, dialled: InnerAddress][] = [
    [4, "0.0.0.0", { family: 4, address: "127.0.0.1" }],
    [4, "127.0.0.7", { family: 4, address: "127.0.0.7" }],
    [6, "::1", { family: 6, address: "::1" }],
    // What the kernel room opens takes IPv6 only.
    [6, "::", { family: 6, address: "::1" }],
  ];
  for (const [family, address, dialled] of cases) {
    const { port } = watched.listen(family, address);
    t.same(watched.watch.addressOf(port), dialled, address);
  }
  const both = watched.listen(6, "::1");
  watched.listen(4, "127.0.0.1", both.port);
  t.same(watched.watch.addressOf(both.port), { family: 4, address: "127.0.0.1" });
});
