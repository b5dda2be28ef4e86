import type { Filter } from "../../filters/index.ts";
import { ClientError } from "../errors.ts";
import type { DeliveringSession } from "../running/delivering-session.ts";
import type { ReadyPort, Reporter } from "../running/reporter.ts";
import type { SessionStanding } from "../running/standing.ts";
import type { ListeningPort } from "../sandbox/sandbox.ts";
import { isDrawn } from "./drawn-ports.ts";
import type { IncomingPlan, PortPair } from "./exec-plan.ts";

/** How it stands with a port of the target: asked for, ours, or somebody else's. */
type State = "asking" | "held" | "refused";

/**
 * Subscribes to ports of the target as the program opens them. A port that was subscribed to stays so while the session
 * lives, also when nobody listens any more: its requests go to the app then. One that is refused is told, and asked for again
 * when the program listens once more.
 *
 * A listener on loopback, such as a debugger's, is not for callers from far away, and neither is one whose number the kernel
 * has chosen. Those are subscribed to only where they are named, or where callers reach that port of the target as well.
 */
export class PortSubscriptions {
  readonly #pairs: readonly PortPair[];
  readonly #ignored: readonly number[];
  readonly #others: boolean;
  readonly #standing: SessionStanding;
  readonly #reporter: Reporter;
  readonly #isLoop: (remotePort: number, programPort: number) => boolean;
  readonly #onHeld: (programPort: number, ready: ReadyPort) => void;
  readonly #onLeft: (port: ListeningPort, why: LeftFor) => void;
  readonly #isReachable: IsReachable;
  readonly #states = new Map<number, State>();
  readonly #filters = new Map<number, Filter | null>();
  #session: { readonly current: DeliveringSession; readonly signal: AbortSignal } | undefined;

  constructor(parts: {
    incoming: IncomingPlan;
    standing: SessionStanding;
    reporter: Reporter;
    /** Whether what comes to the one would be delivered to itself. */
    isLoop: (remotePort: number, programPort: number) => boolean;
    onHeld: (programPort: number, ready: ReadyPort) => void;
    /** A port is left to this machine alone. */
    onLeft: (port: ListeningPort, why: LeftFor) => void;
    isReachable: IsReachable;
  }) {
    this.#pairs = parts.incoming.ports;
    this.#ignored = parts.incoming.ignored;
    this.#others = parts.incoming.others;
    this.#standing = parts.standing;
    this.#reporter = parts.reporter;
    this.#isLoop = parts.isLoop;
    this.#onHeld = parts.onHeld;
    this.#onLeft = parts.onLeft;
    this.#isReachable = parts.isReachable;
  }

  /** Ports are asked of this session from now on; `open` are those that the program listens on. */
  use(current: DeliveringSession, about: { open: readonly ListeningPort[]; signal: AbortSignal }): void {
    this.#states.clear();
    this.#filters.clear();
    this.#session = { current, signal: about.signal };
    for (const port of about.open) this.opened(port);
  }

  /** By what requests of a port were chosen when it was asked for; undefined where it is not held. */
  filterOf(remotePort: number): Filter | null | undefined {
    return this.#filters.get(remotePort);
  }

  /** The program listens on a port. */
  opened(port: ListeningPort): void {
    if (!this.#isWanted(port.port)) return this.#onLeft(port, "the user");
    for (const remotePort of this.#remotesOf(port.port))
      this.#ask(remotePort, port).catch((error: unknown) => this.#failed(remotePort, error));
  }

  #isWanted(programPort: number): boolean {
    if (this.#ignored.includes(programPort)) return false;
    return this.#others || this.#pairs.some((pair) => pair.programPort === programPort);
  }

  /** Ports of the target that lead to one of the program's. */
  #remotesOf(programPort: number): number[] {
    const named = this.#pairs.filter((pair) => pair.programPort === programPort);
    if (named.length > 0) return named.map(({ remotePort }) => remotePort);
    // A number that leads elsewhere is not also the program's own.
    return this.#pairs.some(({ remotePort }) => remotePort === programPort) ? [] : [programPort];
  }

  async #ask(remotePort: number, port: ListeningPort): Promise<void> {
    const programPort = port.port;
    const state = this.#states.get(remotePort);
    if (this.#session === undefined || state === "asking" || state === "held") return;
    if (this.#standing.isOver(remotePort)) return;
    if (this.#isLoop(remotePort, programPort)) {
      this.#states.set(remotePort, "refused");
      const message = `port ${remotePort} of the target is in the network namespace that the program listens in: it is left alone`;
      return this.#reporter.notice({ type: "notice", level: "info", code: "same-namespace", message });
    }
    const { current, signal } = this.#session;
    this.#states.set(remotePort, "asking");
    if (!(await this.#isMeant(remotePort, port, signal))) {
      if (this.#session?.current !== current) return;
      this.#states.delete(remotePort);
      return this.#onLeft(port, "its address");
    }
    const local = { address: "127.0.0.1", port: programPort };
    const filter = this.#standing.filterOf(remotePort);
    const ready = await current.subscribe({ remotePort, local, filter, bounds: noBounds }, { signal });
    if (this.#session?.current !== current) return;
    this.#states.set(remotePort, "held");
    this.#filters.set(remotePort, filter);
    this.#onHeld(programPort, ready);
  }

  async #isMeant(remotePort: number, port: ListeningPort, signal: AbortSignal): Promise<boolean> {
    const isNamed = this.#pairs.some((pair) => pair.programPort === port.port);
    if (isNamed || !(port.isOnLoopback || isDrawn(port))) return true;
    return await this.#isReachable(remotePort, { signal });
  }

  #failed(remotePort: number, error: unknown): void {
    // Of a session that is over, others tell.
    if (this.#session?.signal.aborted === true) return;
    if (error instanceof ClientError && error.code === "session-lost") return;
    this.#states.set(remotePort, "refused");
    const why = error instanceof Error ? error.message : String(error);
    const hint = error instanceof ClientError && error.hint !== undefined ? ` ${error.hint}` : "";
    const message = `${why}; the program runs on without it.${hint}`;
    this.#reporter.notice({ type: "notice", level: "warning", code: "port-refused", message });
  }
}

/** Why a port has no requests: the user has said so, or it listens where nobody from far away comes. */
type LeftFor = "the user" | "its address";

/** Whether callers from outside of the target reach something on a port of it. */
type IsReachable = (remotePort: number, options: { signal: AbortSignal }) => Promise<boolean>;

const noBounds = { maxRequests: null, forMs: null };
