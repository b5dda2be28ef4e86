import { setTimeout as delay } from "node:timers/promises";
import { ClientError, lastingCodes } from "../errors.ts";
import type { ResolvedTarget, TargetMember } from "../target/index.ts";
import { FollowedAgent, type FollowOptions } from "./followed-agent.ts";

type Common = Pick<FollowOptions, "name" | "last" | "look" | "mends" | "retells" | "onDecisions" | "signal">;

/** What is said about one member, or about the target itself. */
export interface TargetFollowOptions extends Common {
  readonly target: ResolvedTarget;
  readonly askedOf: (target: ResolvedTarget) => ReturnType<FollowOptions["asked"]>;
  /** A member came, went, or stands otherwise. */
  readonly onChange: () => void;
  readonly onMemory?: (
    about: { readonly member: string | undefined; readonly isLate: boolean },
    memory: Parameters<NonNullable<FollowOptions["onMemory"]>>[0],
  ) => void;
}

const membersWaitMs = 1_000;

/** The agents of a target and all its members as they come and go, each followed. */
export class FollowedTarget {
  readonly #options: TargetFollowOptions;
  readonly #agents = new Map<string, { readonly agent: FollowedAgent; readonly stop: AbortController }>();
  /** Of members that have gone. */
  #missingBefore = 0;
  #unknownEndsBefore = 0;
  #hasBegun = false;

  constructor(options: TargetFollowOptions) {
    this.#options = options;
  }

  /** Those that are there, in the order in which they came. */
  get agents(): readonly FollowedAgent[] {
    return [...this.#agents.values()].map(({ agent }) => agent);
  }

  /** How many decisions are known to be missing. */
  get missing(): number {
    return this.agents.reduce((sum, { ledger }) => sum + ledger.missing, this.#missingBefore);
  }

  /** How many agents ended without a word. */
  get unknownEnds(): number {
    return this.agents.reduce((sum, { ledger }) => sum + ledger.unknownEnds, this.#unknownEndsBefore);
  }

  /** Settles when the signal aborts. @throws ClientError of what another attempt does not change */
  async run(): Promise<void> {
    const { target, signal } = this.#options;
    if (target.members === undefined)
      return await this.#follow({ id: "", member: undefined, target }).running;
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    while (!signal.aborted) {
      try {
        await Promise.race([failed.promise, this.#keepTo(target.members.watch({ signal }), failed.reject)]);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof ClientError) || lastingCodes.has(error.code)) throw error;
      }
      await delay(membersWaitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Looks at all that is remembered anywhere. Gives whether all members could be looked at. */
  async lookAtAll(): Promise<boolean> {
    const looked = await Promise.all(this.agents.map((agent) => agent.lookAtAll()));
    return looked.every(Boolean);
  }

  async #keepTo(
    lists: AsyncIterable<readonly TargetMember[]>,
    onFailure: (error: unknown) => void,
  ): Promise<void> {
    for await (const list of lists) {
      for (const [id, { agent, stop }] of this.#agents) {
        if (list.some((member) => member.id === id)) continue;
        stop.abort();
        this.#agents.delete(id);
        this.#missingBefore += agent.ledger.missing;
        this.#unknownEndsBefore += agent.ledger.unknownEnds;
      }
      for (const { id, name, target } of list)
        if (!this.#agents.has(id)) this.#follow({ id, member: name, target }).running.catch(onFailure);
      this.#hasBegun = true;
      this.#options.onChange();
    }
  }

  #follow(about: { id: string; member: string | undefined; target: ResolvedTarget }): {
    running: Promise<void>;
  } {
    const { askedOf, onChange, onMemory, signal, ...common } = this.#options;
    const { member, target } = about;
    const stop = new AbortController();
    const isLate = this.#hasBegun;
    const agent = new FollowedAgent({
      ...common,
      target,
      member,
      signal: AbortSignal.any([signal, stop.signal]),
      asked: () => askedOf(target),
      onState: onChange,
      onMemory: (memory) => onMemory?.({ member, isLate }, memory),
    });
    this.#agents.set(about.id, { agent, stop });
    return { running: agent.run() };
  }
}
