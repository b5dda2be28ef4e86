import { Listeners, LocalWatch, type ProcessInfo } from "../process/index.ts";
import type { SubscriptionPlan } from "../subscription-flags/index.ts";
import type { DeliveryWay } from "./delivering-session.ts";
import type { Reporter } from "./reporter.ts";

/** Who listens where requests go, watched and told. */
export interface WatchedLocals extends Disposable {
  readonly way: DeliveryWay;
  /** Begins to watch where the requests of these ports go. */
  watch(ports: SubscriptionPlan["ports"]): Promise<void>;
}

/** `isOurs` says which processes may have requests; without it whoever listens has them. Whoever has it disposes it. */
export function watchFor(about: {
  readonly reporter: Reporter;
  readonly isOurs?: (owner: ProcessInfo) => boolean;
}): WatchedLocals {
  const { reporter, isOurs } = about;
  const gate = new LocalWatch({
    listeners: new Listeners(isOurs === undefined ? {} : { isOurs }),
    onChange: (change) => reporter.local(change),
    intervalMs: lookIntervalMs,
  });
  return {
    way: { gate, mustBeUp: isOurs !== undefined },
    watch: async (ports) => {
      for (const { localAddress: address, localPort: port } of ports) await gate.watch({ address, port });
    },
    [Symbol.dispose]: () => gate.close(),
  };
}

const lookIntervalMs = 1_000;
