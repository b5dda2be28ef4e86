import { NftError } from "./errors.ts";
import { deadIn, removalText } from "./iptables-leftovers.ts";
import {
  chainNames,
  closingText,
  type IptablesFamily,
  jumpRules,
  lastLeaseSecond,
  leaseText,
  openingText,
} from "./iptables-text.ts";
import { IptablesTool } from "./iptables-tool.ts";
import type { Redirector } from "./redirector.ts";
import { checkedPorts, type RedirectorConfig, uniqueSuffix } from "./redirector-config.ts";
import { SerialQueue } from "./serial-queue.ts";

interface Half {
  readonly tool: IptablesTool;
  readonly family: IptablesFamily;
}

/** open → closed (by its user), or open → lost when somebody removed our rules. */
type State = { at: "open" } | { at: "lost"; error: NftError } | { at: "closed" };

/**
 * NAT by iptables, for kernels without nf_tables. iptables knows no owner, so the lease is all that ends the rules of a dead agent:
 * its chains stay, without effect, until the next `open` in the namespace removes them.
 *
 * A change is atomic per family and table, not across them. The lease is a time of the day: when the clock is set forward by more than it,
 * the ports are the app's until the next renewal.
 */
export class IptablesRedirector implements Redirector {
  readonly backend = "iptables";
  readonly originalDestination = "so-original-dst";
  readonly #halves: readonly Half[];
  readonly #config: RedirectorConfig;
  readonly #queue = new SerialQueue();
  readonly #lostCallbacks = new Set<(error: NftError) => void>();
  #ports: readonly number[] = [];
  #renewal: Promise<void> | undefined;
  #state: State = { at: "open" };

  /**
   * Removes what dead agents left, and makes chains that divert nothing yet. With the variant "default", the legacy tools
   * are tried after the system's own choice.
   * @throws NftError `command-failed`, `not-started`, `timed-out`; nothing of ours is left then.
   */
  static async open(config: RedirectorConfig): Promise<IptablesRedirector> {
    const { iptablesVariant = "default" } = config;
    try {
      return await IptablesRedirector.#openWith(config, iptablesVariant);
    } catch (error) {
      if (iptablesVariant !== "default") throw error;
      // The first error tells more about this system than the fallback's.
      return await IptablesRedirector.#openWith(config, "legacy").catch(() => Promise.reject(error));
    }
  }

  static async #openWith(
    config: RedirectorConfig,
    variant: "default" | "nft" | "legacy",
  ): Promise<IptablesRedirector> {
    const redirector = new IptablesRedirector(config, variant);
    try {
      for (const half of redirector.#halves) {
        await removeDead(half.tool);
        await half.tool.restore(openingText(half.family, redirector.#lastSecond()));
      }
      return redirector;
    } catch (error) {
      await redirector.close();
      throw error;
    }
  }

  private constructor(config: RedirectorConfig, variant: "default" | "nft" | "legacy") {
    this.#config = config;
    const id = uniqueSuffix();
    const half = (version: 4 | 6, listenerPort: number | undefined): Half[] => {
      if (listenerPort === undefined) return [];
      const { upstreamMark, agentGid } = config;
      return [
        {
          tool: new IptablesTool(version, variant, config),
          family: { id, listenerPort, upstreamMark, agentGid },
        },
      ];
    };
    this.#halves = [...half(4, config.listenerPort4), ...half(6, config.listenerPort6)];
  }

  async setPorts(ports: readonly number[]): Promise<void> {
    const wanted = checkedPorts(ports, this.#config);
    await this.#queue.run(async () => {
      try {
        await this.#lease(wanted);
      } catch (error) {
        // One family may have changed before the other failed.
        if (this.#state.at === "open") await this.#lease(this.#ports).catch(() => undefined);
        throw error;
      }
      this.#ports = wanted;
    });
  }

  renew(): Promise<void> {
    this.#renewal ??= this.#queue
      .run(() => this.#lease())
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  /** The rules are rewritten with each renewal, and counters with them. */
  async countPassed(): Promise<undefined> {
    return undefined;
  }

  onLost(callback: (error: NftError) => void): void {
    if (this.#state.at === "lost") callback(this.#state.error);
    else this.#lostCallbacks.add(callback);
  }

  async close(): Promise<void> {
    this.#state = { at: "closed" };
    this.#lostCallbacks.clear();
    await this.#queue.run(async () => {
      for (const { tool, family } of this.#halves) {
        try {
          const removal = removalText(await tool.save(), [family.id]);
          if (removal !== "") await tool.restore(removal);
        } catch {
          // What cannot be removed has no effect after its lease, and the next open removes it.
        }
      }
    });
  }

  destroy(): void {
    if (this.#state.at === "closed") return;
    this.#state = { at: "closed" };
    this.#lostCallbacks.clear();
    for (const { tool, family } of this.#halves) tool.restoreSync(closingText(family));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #lease(ports?: readonly number[]): Promise<void> {
    this.#refuseUnlessOpen();
    for (const { tool, family } of this.#halves) {
      try {
        await tool.restore(leaseText(family, this.#lastSecond(), ports));
      } catch (cause) {
        this.#refuseUnlessOpen();
        if (await isGone(tool, family))
          throw this.#lose(new NftError("rules-gone", "somebody removed our rules", { cause }));
        throw cause;
      }
    }
  }

  #lastSecond(): string {
    return lastLeaseSecond(Date.now(), this.#config.leaseMs);
  }

  #refuseUnlessOpen(): void {
    if (this.#state.at === "lost") throw this.#state.error;
    if (this.#state.at === "closed") throw new NftError("closed", "the redirector was closed");
  }

  #lose(error: NftError): NftError {
    if (this.#state.at !== "open") return error;
    this.#state = { at: "lost", error };
    for (const callback of this.#lostCallbacks) callback(error);
    this.#lostCallbacks.clear();
    return error;
  }
}

async function removeDead(tool: IptablesTool): Promise<void> {
  const saved = await tool.save();
  const removal = removalText(saved, deadIn(saved, Date.now()));
  // Another agent that opens now may remove them first; then it is done.
  if (removal !== "") await tool.restore(removal).catch(() => undefined);
}

/** Whether a chain of ours, or a jump to one, is missing. */
async function isGone(tool: IptablesTool, family: IptablesFamily): Promise<boolean> {
  const { nat, filter } = await tool.save();
  const lines = `${nat}\n${filter}`.split("\n");
  const jumps = jumpRules(family);
  const chainIsThere = (name: string) => lines.some((line) => line.startsWith(`:${name} `));
  const jumpIsThere = ([chain, rule]: [string, string]) => lines.includes(`-A ${chain} ${rule}`);
  return !(
    Object.values(chainNames(family.id)).every(chainIsThere) &&
    [...jumps.nat, ...jumps.filter].every(jumpIsThere)
  );
}
