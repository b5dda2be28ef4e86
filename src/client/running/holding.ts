import type { Unsubscribed } from "../../protocol/index.ts";
import type { ProcessInfo } from "../process/index.ts";
import type { SessionEnd } from "../session/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import type { TargetOfMembers } from "./covering-session.ts";
import type { SubscriptionWork } from "./delivering-session.ts";
import type { Reporter } from "./reporter.ts";
import { SharedStanding } from "./shared-standing.ts";
import { Standing } from "./standing.ts";
import { SubscribedSession } from "./subscribed-session.ts";

/** What a command holds while it runs: the session with its target, or those with all members of it. */
export interface HeldSession extends AsyncDisposable {
  /** Settles when it is over, whoever ended it; never rejects. */
  readonly ended: Promise<SessionEnd>;
  /** Settles when its last subscription has ended, at its bound or as somebody asked; else never. */
  readonly spent: Promise<Unsubscribed>;
  /** Exchanges under way. */
  readonly underWay: number;
  leave(options: { boundMs: number; signal: AbortSignal }): Promise<void>;
}

/** How it is opened, once or after a loss again. */
export interface Holding {
  /** How it stands with the ports, whatever session holds them. */
  readonly standing: Pick<Standing, "ports" | "leftMs">;
  /** @throws ClientError; the signal's reason */
  open(signal: AbortSignal): Promise<HeldSession>;
}

/** Gives what opens the session of a plan, or those with the members of its target. */
export function holdingOf(
  plan: SubscriptionPlan,
  about: {
    readonly work: SubscriptionWork;
    readonly reporter: Reporter;
    readonly isOurs?: (owner: ProcessInfo) => boolean;
  },
): Holding {
  if (!hasMembers(plan.target)) {
    const standing = new Standing(plan);
    return { standing, open: (signal) => SubscribedSession.open(plan, { ...about, standing, signal }) };
  }
  const whole = { ...plan, target: plan.target };
  const standing = new SharedStanding(plan);
  return {
    standing,
    open: async (signal) => {
      // Most targets are one.
      const { CoveringSession } = await import("./covering-session.ts");
      return await CoveringSession.open(whole, { ...about, standing, signal });
    },
  };
}

/** Whether a target stands for several. */
export function hasMembers(target: ResolvedTarget): target is TargetOfMembers {
  return target.members !== undefined;
}
