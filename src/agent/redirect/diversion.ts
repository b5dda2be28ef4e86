import {
  type BackendName,
  chainsOfOthers,
  NftError,
  openRedirector,
  openReturnPath,
  type Redirector,
  RETURN_PATH_ID,
  type ReturnPath,
} from "nftables-js";
import { closeDescriptor, type Endpoint, KernelError } from "../../kernel/index.ts";
import type { Log } from "../log.ts";
import { LeaseRecord } from "./lease-record.ts";
import { type Diverted, Listeners } from "./listeners.ts";

/** Ports are held this long without renewal: a hung agent has lost them within five seconds. */
const LEASE_MS = 4_000;
/** At least five times in a lease, so that one slow transaction costs nothing. */
const RENEW_MS = 700;

/** The mark of our own sockets: the rules let it pass, and the return path brings answers to it back. */
export const UPSTREAM_MARK = RETURN_PATH_ID;

export interface DiversionOptions {
  readonly backend: "auto" | BackendName;
  readonly onDiverted: (diverted: Diverted) => void;
  /** The rules are gone, and cannot be renewed: nothing is diverted any more. */
  readonly onLost: (error: Error) => void;
  readonly log: Log;
}

/**
 * Brings chosen ports of the pod to the agent: listeners, rules, and the way back for connections that keep the
 * client's address. The lease is renewed by this process's own event loop, so that a loop that hangs loses the ports.
 */
export class Diversion {
  readonly backend: BackendName;
  /** Why this backend, in words. */
  readonly reason: string;
  /** Undefined when the app cannot be dialled from the client's address. */
  readonly returnPath: ReturnPath | undefined;
  /** How holding the ports has gone so far. */
  readonly lease = new LeaseRecord({ leaseMs: LEASE_MS, nowMs: performance.now() });
  readonly #redirector: Redirector;
  readonly #listeners: Listeners;
  readonly #log: Log;
  readonly #renewal: NodeJS.Timeout;
  #isClosed = false;

  private constructor(parts: {
    redirector: Redirector;
    listeners: Listeners;
    returnPath: ReturnPath | undefined;
    reason: string;
    options: DiversionOptions;
  }) {
    this.backend = parts.redirector.backend;
    this.reason = parts.reason;
    this.returnPath = parts.returnPath;
    this.#redirector = parts.redirector;
    this.#listeners = parts.listeners;
    this.#log = parts.options.log;
    parts.redirector.onLost(parts.options.onLost);
    this.#renewal = setInterval(() => {
      const askedAtMs = performance.now();
      parts.redirector.renew().then(
        () => this.lease.renewed({ askedAtMs, nowMs: performance.now() }),
        (error: unknown) => {
          this.lease.failed();
          // `onLost` tells what matters; a renewal that failed once is tried again before the lease ends.
          if (!this.#isClosed) this.#log.warn({ err: error }, "the lease was not renewed");
        },
      );
    }, RENEW_MS);
  }

  /** @throws NftError `unusable` with the reason of each backend; KernelError `EPERM` without CAP_NET_ADMIN. */
  static async open(options: DiversionOptions): Promise<Diversion> {
    const wanted: BackendName[] =
      options.backend === "auto" ? ["tproxy", "redirect", "iptables"] : [options.backend];
    const reasons: string[] = [];
    for (const backend of wanted) {
      try {
        return await Diversion.#openWith(backend, reasons, options);
      } catch (error) {
        if (!(error instanceof NftError) && !(error instanceof KernelError)) throw error;
        options.log.info({ backend, err: error }, "backend not usable");
        reasons.push(`${backend}: ${error.message}`);
        if (backend === wanted.at(-1)) throw new NftError("unusable", reasons.join("; "), { cause: error });
      }
    }
    throw new NftError("unusable", "no backend was asked for");
  }

  static async #openWith(
    backend: BackendName,
    reasons: readonly string[],
    options: DiversionOptions,
  ): Promise<Diversion> {
    await using stack = new AsyncDisposableStack();
    const listeners = new Listeners({
      source: backend === "tproxy" ? "local-address" : "so-original-dst",
      onDiverted: options.onDiverted,
      onStranger: (peer: Endpoint) => options.log.warn({ peer }, "refused a direct connection"),
      onError: (error) => options.log.error({ err: error }, "accepting is paused"),
      close: closeDescriptor,
    });
    stack.defer(() => listeners.close());
    const { redirector, session } = await openRedirector({
      backend,
      ...(listeners.port4 === undefined ? {} : { listenerPort4: listeners.port4 }),
      ...(listeners.port6 === undefined ? {} : { listenerPort6: listeners.port6 }),
      upstreamMark: UPSTREAM_MARK,
      leaseMs: LEASE_MS,
    });
    stack.defer(() => redirector.close());
    const returnPath = await tryReturnPath(session, options.log);
    stack.move();
    const asked = options.backend === "auto" ? "the best that works here" : "it was asked for";
    const reason = reasons.length === 0 ? asked : reasons.join("; ");
    return new Diversion({ redirector, listeners, returnPath, reason, options });
  }

  /** Diverts exactly these ports from now on. @throws NftError, and nothing has changed then. */
  async setPorts(ports: readonly number[]): Promise<void> {
    await this.#redirector.setPorts(ports);
  }

  /** New connections to held ports that came past the rule; undefined where nobody counts them. @throws NftError */
  async countPassed(): Promise<number | undefined> {
    return await this.#redirector.countPassed();
  }

  /** Chains of others that see the same packets as our rule does, in words; none where that cannot be told. */
  async chainsOfOthers(): Promise<readonly string[]> {
    // nft shows the chains of iptables without saying which rules in them are ours.
    return this.backend === "iptables" ? [] : await chainsOfOthers().catch(() => []);
  }

  /**
   * Gives every port back; connections that were accepted go on, and so do those whose handshake is under way, until
   * `stopAccepting`. Safe to call twice.
   */
  async release(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#renewal);
    await this.#redirector.setPorts([]);
  }

  /** Closes the listeners. Safe to call twice. */
  stopAccepting(): void {
    this.#listeners.close();
  }

  /**
   * Removes the rules. The way back, on which connections to the app that keep the client's address depend, is one for
   * all agents of a namespace: who closes the last of them closes `returnPath` too.
   */
  async close(): Promise<void> {
    await this.release();
    this.stopAccepting();
    await this.#redirector.close();
  }

  /** Ends now: the kernel drops the rules with their owner. */
  destroy(): void {
    clearInterval(this.#renewal);
    this.#redirector.destroy();
    this.#listeners.close();
  }
}

async function tryReturnPath(
  session: Awaited<ReturnType<typeof openRedirector>>["session"],
  log: Log,
): Promise<ReturnPath | undefined> {
  try {
    return await openReturnPath({ mark: UPSTREAM_MARK, ...(session === undefined ? {} : { session }) });
  } catch (error) {
    log.warn({ err: error }, "no return path: the app will see the agent's address");
    return undefined;
  }
}
