import { EventEmitter, once } from "node:events";
import t from "tap";
import { BypassWatch, type BypassWatchOptions } from "../../../src/agent/bypass/index.ts";
import { KernelError, type SocketRow } from "../../../src/kernel/index.ts";

/** A table in which the app's ends are these just now, and what followers of port 80 are told. */
class Stage implements Disposable {
  open: number[] = [];
  passed: number | undefined = 0;
  fault: Error | undefined;
  looks = 0;
  failures = 0;
  readonly told: string[] = [];
  readonly watch: BypassWatch;
  readonly #changes = new EventEmitter();

  constructor(options: Partial<BypassWatchOptions> = {}) {
    this.watch = new BypassWatch({
      ownMark: 7,
      countPassed: async () => this.passed,
      leaseLapsedMs: () => undefined,
      chainsOfOthers: async () => [],
      onBlind: ({ message }) => this.#tell(`blind: ${message}`),
      lookEveryMs: 1,
      readSockets: async ({ port }, visit) => {
        if (this.fault !== undefined) {
          this.failures++;
          this.#changes.emit("change");
          throw this.fault;
        }
        if (!("local" in port)) return;
        this.looks++;
        this.#changes.emit("change");
        for (const cookie of this.open) visit(row(cookie));
      },
      ...options,
    });
  }

  follow({ takesOver = false }: { takesOver?: boolean } = {}): AbortController {
    const ended = new AbortController();
    this.watch.follow({
      port: 80,
      takesOver,
      tell: (level, code) => this.#tell(`${level} ${code}`),
      signal: ended.signal,
    });
    return ended;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#changes, "change");
  }

  async failed(times: number): Promise<void> {
    const target = this.failures + times;
    await this.until(() => this.failures >= target);
  }

  async looked(times: number): Promise<void> {
    const target = this.looks + times;
    await this.until(() => this.looks >= target);
  }

  #tell(what: string): void {
    this.told.push(what);
    this.#changes.emit("change");
  }

  [Symbol.dispose](): void {
    this.watch.close();
  }
}

function row(cookie: number): SocketRow {
  const peer = { family: 4, address: "10.0.0.1", port: cookie } as const;
  // As much of a row as a look asks for.
  return {
    cookie,
    peer,
    peerKey: cookie,
    localKey: 0,
    mark: 0,
    isTransparent: false,
  } as unknown as SocketRow;
}

void t.test("a port is looked at while somebody follows it, and not before or after", async (t) => {
  using stage = new Stage();
  t.equal(stage.looks, 0);
  const first = stage.follow();
  const second = stage.follow();
  await stage.looked(3);
  first.abort();
  await stage.looked(3);
  second.abort();
  const { looks } = stage;
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.ok(stage.looks <= looks + 1, "a look that had begun may end");
  t.same(stage.told, []);
});

void t.test("followers are told of a bypass and of its end, those who come later too", async (t) => {
  using stage = new Stage();
  stage.follow();
  await stage.looked(2);
  stage.open = [1];
  await stage.until(() => stage.told.length === 1);
  stage.follow();
  await stage.until(() => stage.told.length === 2);
  stage.open = [];
  await stage.until(() => stage.told.length === 4);
  t.same(stage.told, ["warning bypass", "warning bypass", "info bypass-over", "info bypass-over"]);
});

void t.test("what was there before is told to whoever does not take it over", async (t) => {
  using stage = new Stage();
  stage.open = [1, 2];
  stage.follow({ takesOver: true });
  stage.follow();
  await stage.until(() => stage.told.length === 1);
  await stage.looked(2);
  stage.follow();
  t.same(stage.told, ["info existing-connections", "info existing-connections"]);
});

void t.test("what comes while a port is the app's on purpose is no bypass", async (t) => {
  using stage = new Stage();
  stage.follow();
  await stage.looked(2);
  stage.watch.rebase(80);
  stage.open = [1];
  await stage.until(() => stage.told.length === 1);
  t.same(stage.told, ["info existing-connections"]);
});

void t.test(
  "a kernel that does not show its sockets is asked once, and whoever follows is told so",
  async (t) => {
    using stage = new Stage();
    stage.fault = new KernelError("sock_diag", 2);
    stage.follow();
    await stage.until(() => stage.told.length === 2);
    stage.follow();
    t.same(stage.told, ["blind: sock_diag: ENOENT", "warning bypass-blind", "warning bypass-blind"]);
  },
);

void t.test(
  "a look that fails once is tried again, and given up when it fails three times in a row",
  async (t) => {
    using stage = new Stage();
    stage.fault = new Error("nft was slow");
    stage.follow();
    await stage.failed(2);
    stage.fault = undefined;
    await stage.looked(2);
    t.same(stage.told, []);
    stage.fault = new Error("nft is gone");
    await stage.until(() => stage.told.length === 2);
    t.same(stage.told, ["blind: nft is gone", "warning bypass-blind"]);
  },
);
