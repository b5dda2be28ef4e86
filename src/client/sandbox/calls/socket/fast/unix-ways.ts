import { posix } from "node:path";
import { decideFlow, type OutgoingRules, type Where } from "../../../../outgoing/rules/index.ts";
import type { Caller } from "../../../supervisor/index.ts";

/** Paths whose decision is remembered. */
const MAX_KNOWN = 1024;

/** Decides about sockets of unix(7) by the rules for outgoing flows. */
export class UnixWays {
  readonly #rules: OutgoingRules;
  readonly #known = new Map<string, Where>();

  constructor(rules: OutgoingRules) {
    this.#rules = rules;
  }

  /** Bytes as latin-1; whole, as rules are written. An abstract name stays what it is. */
  wholePath(path: string, caller: Caller): string {
    if (path.startsWith("\0") || path.startsWith("/")) return path;
    const folder = caller.workingDirectory()?.toString("latin1");
    return folder === undefined ? path : posix.join(folder, path);
  }

  wayOf(path: string): Where {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const { where } = decideFlow(this.#rules, { kind: "unix", path });
    this.#known.set(path, where);
    return where;
  }
}
