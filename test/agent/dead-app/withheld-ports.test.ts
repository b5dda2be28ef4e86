import { EventEmitter, once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import t from "tap";
import { isListening, WithheldPorts, type WithheldPortsOptions } from "../../../src/agent/dead-app/index.ts";

/** Ports whose app listens or does not, as a test says. */
class Stage implements Disposable {
  readonly up = new Set<number>();
  readonly changes: string[] = [];
  readonly withheld: WithheldPorts;
  isGuarded = true;
  fault: Error | undefined;
  #looks = 0;
  readonly #events = new EventEmitter();

  constructor(options: Partial<WithheldPortsOptions> = {}) {
    this.withheld = new WithheldPorts({
      isListening: async (port) => {
        this.#looks++;
        this.#events.emit("change");
        if (this.fault !== undefined) throw this.fault;
        return this.up.has(port);
      },
      isGuarded: () => this.isGuarded,
      onChange: (port, state) => this.#tell(`${port} ${state}`),
      onBlind: () => this.#tell("blind"),
      lookEveryMs: 1,
      ...options,
    });
  }

  #tell(what: string): void {
    this.changes.push(what);
    this.#events.emit("change");
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#events, "change");
  }

  /** Resolves when a look that begins now, or began before, is done. */
  async looked(times = 1): Promise<void> {
    const target = this.#looks + times;
    await this.until(() => this.#looks >= target);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Holds a port whose app is up, and knows it. */
  async hold(port: number): Promise<void> {
    this.up.add(port);
    const looked = this.looked();
    this.withheld.without([port]);
    await looked;
  }

  [Symbol.dispose](): void {
    this.withheld.close();
  }
}

void t.test(
  "a port is withheld when its app is gone and somebody looks for it, until the app is back",
  async (t) => {
    using stage = new Stage();
    await stage.hold(80);
    stage.up.delete(80);
    t.same(stage.withheld.without([80, 81]), [80, 81], "a dead app alone is no reason");
    stage.withheld.bareConnection(80);
    await stage.until(() => stage.changes.length === 1);
    t.same(stage.withheld.without([80, 81]), [81]);
    await stage.looked(3);
    stage.up.add(80);
    await stage.until(() => stage.changes.length === 2);
    t.same(stage.withheld.without([80, 81]), [80, 81]);
    t.same(stage.changes, ["80 withheld", "80 back"]);
  },
);

void t.test("an app that is there is no reason, however often somebody looks", async (t) => {
  using stage = new Stage();
  await stage.hold(80);
  stage.withheld.bareConnection(80);
  await stage.looked(0);
  t.same(stage.changes, []);
});

void t.test("a port whose app was never there is left to the developer's program", async (t) => {
  using stage = new Stage();
  const looked = stage.looked();
  stage.withheld.without([80]);
  await looked;
  stage.withheld.bareConnection(80);
  await stage.looked(0);
  t.same(stage.changes, []);
  t.same(stage.withheld.without([80]), [80]);
});

void t.test("where probes are stolen too, nothing is withheld", async (t) => {
  using stage = new Stage();
  await stage.hold(80);
  stage.up.delete(80);
  stage.isGuarded = false;
  stage.withheld.bareConnection(80);
  await new Promise((resolve) => setImmediate(resolve));
  t.same(stage.changes, []);
});

void t.test("a port that nobody holds any more is forgotten", async (t) => {
  using stage = new Stage();
  await stage.hold(80);
  stage.up.delete(80);
  stage.withheld.bareConnection(80);
  await stage.until(() => stage.changes.length === 1);
  t.same(stage.withheld.without([]), []);
  t.same(stage.withheld.without([80]), [80], "whoever takes it next begins anew");
});

void t.test("where sockets cannot be seen, every port is diverted", async (t) => {
  using stage = new Stage();
  await stage.hold(80);
  stage.up.delete(80);
  stage.withheld.bareConnection(80);
  await stage.until(() => stage.changes.length === 1);
  stage.fault = new Error("forbidden");
  await stage.until(() => stage.changes.length === 3);
  t.same(stage.changes, ["80 withheld", "80 back", "blind"]);
  t.same(stage.withheld.without([80]), [80]);
});

void t.test("a listener is seen, in either family, and its end too", async (t) => {
  for (const host of ["127.0.0.1", "::1"]) {
    const server = createServer().listen(0, host);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // A TCP server's address is no string.
    t.equal(await isListening(port), true, host);
    server.close();
    await once(server, "close");
    t.equal(await isListening(port), false, host);
  }
});
