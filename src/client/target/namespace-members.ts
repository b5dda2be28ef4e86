import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ClientError } from "../errors.ts";
import { fitsGlob } from "../text/glob.ts";
import { byName, type TargetMember, type TargetMembers } from "./target-members.ts";
import type { ResolvedTarget } from "./target.ts";

/** A look at a directory of some names costs less than a millisecond. */
const lookIntervalMs = 500;

/** The network namespaces of this machine whose names fit a pattern: they come with `ip netns add`, and go with `ip netns delete`. */
export class NamespaceMembers implements TargetMembers {
  readonly noun = { one: "namespace", many: "namespaces" };
  readonly #pattern: string;
  readonly #directory: string;
  readonly #open: (name: string) => ResolvedTarget;
  readonly #intervalMs: number;

  constructor(options: {
    readonly pattern: string;
    readonly directory: string;
    /** @throws ClientError when there is no such namespace */
    readonly open: (name: string) => ResolvedTarget;
    readonly intervalMs?: number;
  }) {
    this.#pattern = options.pattern;
    this.#directory = options.directory;
    this.#open = options.open;
    this.#intervalMs = options.intervalMs ?? lookIntervalMs;
  }

  now(): readonly TargetMember[] {
    return this.#names()
      .flatMap((name) => this.#member(name))
      .toSorted(byName);
  }

  list({ signal }: { signal: AbortSignal }): Promise<readonly TargetMember[]> {
    signal.throwIfAborted();
    return Promise.resolve(this.now());
  }

  async *watch({ signal }: { signal: AbortSignal }): AsyncGenerator<readonly TargetMember[], void> {
    let known: string | undefined;
    while (!signal.aborted) {
      const members = this.now();
      const seen = members.map(({ target }) => `${target.label} ${target.key}`).join("\n");
      if (seen !== known) yield members;
      known = seen;
      await delay(this.#intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory).filter((name) => fitsGlob(this.#pattern, name));
    } catch {
      return []; // `ip netns add` was never run here.
    }
  }

  /** None of a file that is not a namespace yet, or not any more. */
  #member(name: string): TargetMember[] {
    try {
      const target = this.#open(name);
      return [{ name, id: target.key, target, state: "ready" }];
    } catch (error) {
      if (error instanceof ClientError) return [];
      throw error;
    }
  }
}
