import type { ResolvedTarget } from "./target.ts";

/** One of those that a target stands for. */
export interface TargetMember {
  /** Short, and no other one of the same target has it now: a pod's name. */
  readonly name: string;
  /** Tells it from one that has the same name later. */
  readonly id: string;
  readonly target: ResolvedTarget;
  /**
   * `ready`: it has requests. `unready`: it is not to be joined, and stays where it is joined already. `leaving`: it is about to go;
   * what it still has goes on, and its end is nothing to tell of.
   */
  readonly state: "ready" | "unready" | "leaving";
}

/** The members of a target that come and go. */
export interface TargetMembers {
  /** What one and several of them are called. */
  readonly noun: { readonly one: string; readonly many: string };
  /** Who is there now. @throws ClientError when that cannot be found out; the signal's reason */
  list(options: { signal: AbortSignal }): Promise<readonly TargetMember[]>;
  /**
   * Gives all who are there, at once and again after each change, until `signal` aborts. What breaks on the way is mended inside:
   * a list that is some seconds old is better than none. `onNote` hears what people should know of it.
   * @throws ClientError when there are none to begin with, or it can never be found out any more
   */
  watch(options: {
    signal: AbortSignal;
    onNote?: ((note: string) => void) | undefined;
  }): AsyncIterable<readonly TargetMember[]>;
}

/** In the order of names, as people read them: web-2 before web-10. */
export function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return collator.compare(one.name, other.name);
}

const collator = new Intl.Collator("en", { numeric: true });
