import { behindAlias, type NameTable } from "./dns/index.ts";
import type { Destination } from "./outgoing.ts";
import { decideFlow, type Flow, type FlowDecision, type OutgoingRules } from "./rules/index.ts";

/** Where a flow leaves, why, and to whom. */
export interface Way extends FlowDecision {
  /** Whom to reach there: another than the program has named where that stood for a loopback address of this machine. */
  readonly to: Destination;
}

/** Decides about flows of a program by the rules, and by the names under which it has found addresses. */
export class Ways {
  readonly #rules: OutgoingRules;
  readonly #table: NameTable;

  constructor(options: { rules: OutgoingRules; table: NameTable }) {
    this.#rules = options.rules;
    this.#table = options.table;
  }

  wayOf(to: Destination): Way {
    const decision = decideFlow(this.#rules, this.#flowTo(to));
    if (to.protocol === "unix" || decision.where !== "local") return { ...decision, to };
    const { endpoint } = to;
    const address = behindAlias(endpoint.address);
    if (address === endpoint.address) return { ...decision, to };
    const family = address.includes(":") ? 6 : 4;
    return { ...decision, to: { ...to, endpoint: { ...endpoint, family, address } } };
  }

  #flowTo(to: Destination): Flow {
    if (to.protocol === "unix") return { kind: "unix", path: to.path };
    const { address, port } = to.endpoint;
    return { kind: "host", protocol: to.protocol, address, port, names: this.#table.namesOf(address) };
  }
}
