import type { Bounds } from "../../protocol/index.ts";
import type { LocalProgram } from "./local-program.ts";
import type { PortMapping } from "./port-mapping.ts";
import type { SessionPlan } from "./session-plan.ts";

/** What every command that subscribes to requests of named ports was asked to do, checked. */
export interface SubscriptionPlan extends SessionPlan {
  readonly ports: readonly PortMapping[];
  /** When it ends by itself. */
  readonly bounds: Bounds;
  readonly program: LocalProgram | undefined;
}
