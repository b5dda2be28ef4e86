import type { Filter } from "../../filters/index.ts";
import type { Unsubscribed } from "../../protocol/index.ts";
import type { CoveringPart, LeaveOptions } from "../coverage/index.ts";
import { DeliveringSession, type FilterChange } from "../running/delivering-session.ts";
import type { ListeningPort } from "../sandbox/sandbox.ts";
import type { SessionEnd } from "../session/index.ts";
import type { ExecPlan } from "./exec-plan.ts";
import type { PortSubscriptions } from "./port-subscriptions.ts";

type OpenAbout = Parameters<typeof DeliveringSession.open>[1];

/** The session with one member, which subscribes to the program's ports there. */
export class ExecPart implements CoveringPart {
  readonly delivering: DeliveringSession;
  readonly subscriptions: PortSubscriptions | undefined;
  readonly #filters: Map<number, Filter | null>;
  readonly #onOver: () => void;
  readonly #over: AbortController;

  private constructor(parts: {
    delivering: DeliveringSession;
    subscriptions: PortSubscriptions | undefined;
    filters: Map<number, Filter | null>;
    over: AbortController;
    onOver: (part: ExecPart) => void;
  }) {
    this.delivering = parts.delivering;
    this.subscriptions = parts.subscriptions;
    this.#filters = parts.filters;
    this.#over = parts.over;
    this.#onOver = () => parts.onOver(this);
    void this.ended.then(this.#onOver);
  }

  /** @throws ClientError; the signal's reason */
  static async open(
    plan: ExecPlan,
    about: OpenAbout & {
      subscriptions: PortSubscriptions | undefined;
      openPorts: () => readonly ListeningPort[];
      /** It is over, or about to be. */
      onOver: (part: ExecPart) => void;
    },
  ): Promise<ExecPart> {
    const { subscriptions, openPorts, onOver, onFilterChanged } = about;
    const filters = new Map<number, Filter | null>();
    const over = new AbortController();
    const delivering = await DeliveringSession.open(plan, {
      ...about,
      onFilterChanged: (change: FilterChange) => {
        filters.set(change.remote, change.filter);
        onFilterChanged?.(change);
      },
    });
    const part = new ExecPart({ delivering, subscriptions, filters, over, onOver });
    subscriptions?.use(delivering, { open: openPorts(), signal: over.signal });
    return part;
  }

  get ended(): Promise<SessionEnd> {
    return this.delivering.ended;
  }

  /** Never: the program has its files and its network of it all the same. */
  readonly spent = new Promise<Unsubscribed>(() => undefined);

  /** By what requests of a port are chosen here. */
  filterOf(remotePort: number): Filter | null | undefined {
    return this.#filters.get(remotePort) ?? this.subscriptions?.filterOf(remotePort);
  }

  async setFilter(
    remotePort: number,
    filter: Filter | null,
    options: { signal: AbortSignal },
  ): Promise<void> {
    await this.delivering.setFilter(remotePort, filter, options);
  }

  async leave(options: LeaveOptions): Promise<void> {
    this.#over.abort();
    this.#onOver();
    await this.delivering.leave(options);
  }
}
