import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import {
  type ChannelMessage,
  closeDescriptor,
  DescriptorChannel,
  openChannelPair,
} from "../../../kernel/index.ts";
import { bareLayout, interfaceLines } from "./diversion.ts";
import { compileCacheVariables, quickStartFlags } from "../../process/index.ts";
import {
  type KeeperMessage,
  type KeeperRequest,
  parseKeeperMessage,
  type SocketName,
} from "./keeper-message.ts";
import { startScript } from "./layout-scripts.ts";
import { endProcessesOf, networkOf } from "./namespace-processes.ts";
import { toolPath } from "./tools.ts";

const keeperModule = new URL("./keeper.ts", import.meta.url);
const START_TIME_MS = 15_000;
/** The event loop waits for an answer so long at most: a keeper that is well takes less than a hundredth of it. */
const ANSWER_TIME_MS = 250;
const MAX_STDERR_BYTES = 4_096;
/** Sockets that are fetched at once, before they are needed. */
const BATCH = 16;

/** Why the keeper did not do what it is for: `spawn` and `unshare` before it began, else what the keeper itself says. */
export class KeeperError extends Error {
  override readonly name = "KeeperError";
  readonly step: string;

  constructor(step: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.step = step;
  }
}

/** What unshare(1) makes: the same for everybody but the user namespace, which root does without. */
export function unshareArguments({ ownUsers }: { ownUsers: boolean }): string[] {
  // Whoever is in it keeps the own id. Only what unshare starts itself keeps the capabilities over it.
  const users = ownUsers ? ["--user", "--map-current-user", "--keep-caps"] : [];
  return [...users, "--net", "--uts"];
}

/**
 * The keeper of the sandbox's namespaces, a child of ours. It is in a session of its own: neither Ctrl-C nor the end of
 * the terminal is meant for it. It ends when this process does, however that happens, and all that is in the namespace too.
 */
export class KeeperProcess implements AsyncDisposable {
  /** Resolves when it has ended, however. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #channel: DescriptorChannel;
  readonly #spare: Record<4 | 6, number[]> = { 4: [], 6: [] };
  readonly #asked: Record<4 | 6, boolean> = { 4: false, 6: false };
  readonly #ready = Promise.withResolvers<void>();
  /** The network without addresses stands. */
  readonly #bare = Promise.withResolvers<void>();
  readonly #laidOut = Promise.withResolvers<void>();
  readonly #sockets = new Map<SocketName, number>();
  #notices: readonly string[] = [];
  #network = "";
  #stderr = "";
  /** It did not answer in time, and has not since. */
  #isMute = false;
  #isDisposed = false;

  /** @throws KeeperError */
  static async start(options: { ownUsers: boolean }): Promise<KeeperProcess> {
    return await KeeperProcess.begin(options).ready();
  }

  /** One that is not ready yet; its owner waits for that, or disposes it. */
  static begin(options: { ownUsers: boolean }): KeeperProcess {
    return new KeeperProcess(options);
  }

  /** Settles when the namespaces are made and the network in them is there, without addresses. Rejects with a KeeperError. */
  get stands(): Promise<void> {
    return this.#bare.promise;
  }

  /** Settles when it takes requests. When it fails it is disposed of. @throws KeeperError */
  async ready(): Promise<KeeperProcess> {
    const late = setTimeout(() => this.#fail("keeper", `${START_TIME_MS} ms passed`), START_TIME_MS);
    try {
      await Promise.all([this.#ready.promise, this.#bare.promise]);
      return this;
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  private constructor(options: { ownUsers: boolean }) {
    // Whoever does not wait for one of them hears of it by the other, or by `gone`.
    this.#ready.promise.catch(() => undefined);
    this.#bare.promise.catch(() => undefined);
    this.#laidOut.promise.catch(() => undefined);
    const home = networkOf("self");
    const [ours, theirs] = openChannelPair();
    this.#channel = new DescriptorChannel(ours);
    const { ip, nft } = bareLayout({ hasIPv6: existsSync("/proc/sys/net/ipv6") });
    const keeper = [process.execPath, ...quickStartFlags(keeperModule), fileURLToPath(keeperModule), home];
    const start = ["sh", "-c", startScript, "sh", ip, nft, interfaceLines, ...keeper];
    this.#child = spawn("unshare", [...unshareArguments(options), "--", ...start], {
      stdio: ["ignore", "ignore", "pipe", theirs, "pipe"],
      detached: true,
      // Ours may be on a disk that is to be unmounted.
      cwd: "/",
      env: keeperEnvironment(),
    });
    closeDescriptor(theirs);
    const ended = Promise.withResolvers<void>();
    this.gone = ended.promise;
    this.#child
      .once("error", (error) => {
        this.#fail("spawn", error.message, error);
        ended.resolve();
      })
      .once("close", (code, signal) => {
        const said = this.#stderr.trim();
        this.#fail("unshare", said === "" ? `it ended with ${signal ?? code}` : said);
        ended.resolve();
      });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      if (this.#stderr.length < MAX_STDERR_BYTES) this.#stderr += chunk.toString();
    });
    // Not the keeper's: of the five streams asked for, it is the last.
    void this.#hearReport(this.#child.stdio[4] as Readable);
    this.#channel.listen({
      onMessage: (message) => this.#take(message),
      onEnd: () => undefined,
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Names its network namespace, for as long as anything holds that. */
  get network(): string {
    return this.#network;
  }

  /** Owned by whoever takes them. */
  get sockets(): ReadonlyMap<SocketName, number> {
    return this.#sockets;
  }

  get notices(): readonly string[] {
    return this.#notices;
  }

  /** Gives the namespace its addresses and name; once. @throws KeeperError */
  async layOut(plan: { addresses: readonly string[]; hostname?: string | undefined }): Promise<void> {
    this.#ask({ ask: "layout", ...plan });
    const late = setTimeout(() => this.#fail("layout", `${START_TIME_MS} ms passed`), START_TIME_MS);
    try {
      await this.#laidOut.promise;
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * A TCP socket of the namespace, not connected, whose packets pass unmarked to the program's own listeners. The caller owns it.
   * Waits for the keeper, and the event loop with it, when more are taken at once than were fetched.
   * @throws KeeperError when it is gone or does not answer; once it has not, nobody waits for it until it has
   */
  takeSocket(family: 4 | 6): number {
    const spare = this.#spare[family];
    for (;;) {
      if (spare.length < BATCH / 2) this.#fetch(family);
      const socket = spare.pop();
      if (socket !== undefined) return socket;
      const message = this.#isMute ? undefined : this.#channel.receiveWithin(ANSWER_TIME_MS);
      if (message === undefined) {
        this.#isMute = true;
        throw new KeeperError("sockets", "the namespace's keeper does not answer");
      }
      this.#take(message);
    }
  }

  /** Ends the keeper and whatever still runs in the namespace; resolves when it is gone. */
  /** Safe to call twice: by then the namespace's number may be another one's. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return await this.gone;
    this.#isDisposed = true;
    // Before the keeper is told, which would do the same, so that a stopped one is no obstacle.
    if (this.#network !== "") endProcessesOf(this.#network, { except: this.pid });
    this.#channel.close();
    this.#child.kill("SIGKILL");
    for (const family of [4, 6] as const)
      for (const socket of this.#spare[family].splice(0)) closeDescriptor(socket);
    await this.gone;
  }

  /** What went wrong with the layout, and nothing when it stands. */
  async #hearReport(report: Readable): Promise<void> {
    let said = "";
    report.setEncoding("utf8").on("data", (text: string) => {
      if (said.length < MAX_STDERR_BYTES) said += text;
    });
    await new Promise((resolve) => {
      report.once("close", resolve);
    });
    if (said.trim() === "") this.#bare.resolve();
    else this.#fail("layout", said.trim());
  }

  #take({ text, descriptors }: ChannelMessage): void {
    this.#isMute = false;
    try {
      this.#understand(parseKeeperMessage(text), descriptors);
    } catch (error) {
      for (const descriptor of descriptors) closeDescriptor(descriptor);
      this.#fail("keeper", error instanceof Error ? error.message : String(error), error);
    }
  }

  #understand(message: KeeperMessage, descriptors: readonly number[]): void {
    switch (message.is) {
      case "ready":
        if (message.names.length !== descriptors.length)
          throw new Error("the keeper's sockets are not all there");
        message.names.forEach((name, index) => this.#sockets.set(name, descriptors[index] ?? -1));
        this.#notices = message.notices;
        this.#network = networkOf(this.pid);
        return this.#ready.resolve();
      case "laid-out":
        return this.#laidOut.resolve();
      case "sockets":
        this.#asked[message.family] = false;
        this.#spare[message.family].push(...descriptors);
        return undefined;
      case "failed":
        return this.#fail(message.step, message.message);
    }
  }

  /** Does nothing when some are on their way, or nobody is there to ask: who takes one finds out. */
  #fetch(family: 4 | 6): void {
    if (this.#asked[family]) return;
    try {
      this.#ask({ ask: "sockets", family, count: BATCH });
      this.#asked[family] = true;
    } catch {
      this.#isMute = true;
    }
  }

  #ask(request: KeeperRequest): void {
    try {
      this.#channel.send({ text: JSON.stringify(request) });
    } catch (error) {
      throw new KeeperError("keeper", "the namespace's keeper is gone", { cause: error });
    }
  }

  /** The first reason counts; later ones are its consequences. */
  #fail(step: string, message: string, cause?: unknown): void {
    const error = new KeeperError(step, message, cause === undefined ? {} : { cause });
    this.#ready.reject(error);
    this.#bare.reject(error);
    this.#laidOut.reject(error);
  }
}

/** Nothing of what the user has set for programs: NODE_OPTIONS would be obeyed. */
function keeperEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: toolPath(),
    // libnftables and libedit look for a terminal's description.
    TERM: "dumb",
    ...compileCacheVariables(),
  };
}
