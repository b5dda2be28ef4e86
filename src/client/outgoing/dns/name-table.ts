import type { Clock } from "../../../tunnel/index.ts";
import { canonicalName, type FlowName, formatIpAddress, parseAddress } from "../rules/index.ts";
import type { FoundAddress } from "./found-addresses.ts";
import type { HostsEntry } from "./hosts-file.ts";

/** A name of an address as it was found. */
interface Known extends FlowName {
  /** When it stops to be believed beside newer ones; Infinity of a file. */
  readonly untilMs: number;
}

/**
 * A name counts for this long behind its TTL: programs keep addresses for longer than they should, and connections of a pool are
 * made again to an address that was looked up long ago.
 */
const GRACE_MS = 3_600_000;
const MAX_NAMES = 32;

/**
 * Which names an address was found under, so that rules about names decide about connections, too: those carry an address only.
 *
 * Bounded: of addresses what was not found for the longest goes first, and of one address at most 32 names are kept. A name whose
 * time is over still counts while the address has no other: a program that keeps it means that one.
 */
export class NameTable {
  /** By address as `formatIpAddress` writes it, from the one that was not found for the longest on. */
  readonly #byAddress = new Map<string, readonly Known[]>();
  readonly #inFiles = new Map<string, readonly FlowName[]>();
  readonly #clock: Clock;
  readonly #maxAddresses: number;

  constructor(options: { clock: Clock; maxAddresses?: number }) {
    this.#clock = options.clock;
    this.#maxAddresses = options.maxAddresses ?? 10_000;
  }

  /** Takes what an answer says. */
  learn(found: readonly FoundAddress[], foundBy: FlowName["foundBy"]): void {
    const now = this.#clock.now();
    for (const { address, names, ttlSeconds } of found) {
      const key = canonicalAddress(address);
      if (key === undefined) continue;
      const untilMs = now + ttlSeconds * 1000 + GRACE_MS;
      const fresh = names.map((name): Known => ({ name: canonicalName(name), foundBy, untilMs }));
      const others = (this.#byAddress.get(key) ?? []).filter(
        (known) => known.untilMs > now && !fresh.some(({ name }) => name === known.name),
      );
      this.#byAddress.delete(key);
      this.#byAddress.set(key, [...fresh, ...others].slice(0, MAX_NAMES));
    }
    for (const [oldest] of this.#byAddress) {
      if (this.#byAddress.size <= this.#maxAddresses) break;
      this.#byAddress.delete(oldest);
    }
  }

  /** Takes the pod's /etc/hosts in the place of what was taken before: programs read that file themselves. */
  learnHosts(entries: readonly HostsEntry[]): void {
    this.#inFiles.clear();
    for (const { address, names } of entries) {
      const key = canonicalAddress(address);
      if (key === undefined) continue;
      const known = this.#inFiles.get(key) ?? [];
      const added = names.map((name) => ({ name: canonicalName(name), foundBy: "remote" }) as const);
      this.#inFiles.set(key, [...known, ...added].slice(0, MAX_NAMES));
    }
  }

  /** The names of an address: those of files, then those that were found last first. Empty when it has none. */
  namesOf(address: string): readonly FlowName[] {
    const key = canonicalAddress(address);
    if (key === undefined) return [];
    const [inFiles, found] = [this.#inFiles.get(key) ?? [], this.#byAddress.get(key) ?? []];
    const now = this.#clock.now();
    const current = found.filter(({ untilMs }) => untilMs > now);
    const counting = current.length > 0 ? current : found.slice(0, inFiles.length > 0 ? 0 : undefined);
    return [...inFiles, ...counting.map(({ name, foundBy }) => ({ name, foundBy }))];
  }
}

function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatIpAddress(address);
}
