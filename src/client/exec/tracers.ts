import type { ToldLookup } from "../outgoing/dns/index.ts";
import type { Reporter } from "../running/reporter.ts";
import type { AnsweredCall } from "../sandbox/supervisor/supervisor.ts";
import type { TracedFlow } from "./traced-outgoing.ts";

/** Types of records that people ask for (RFC 1035 §3.2.2 and later); others are told by number. */
const typeNames: Readonly<Record<number, string>> = {
  ...{ 1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT" },
  ...{ 28: "AAAA", 33: "SRV", 64: "SVCB", 65: "HTTPS" },
};

/** Tells all that the program does and what is made of it, for `--trace`. */
export function tracers(reporter: Reporter) {
  return {
    onAnswered: ({ name, about, outcome }: AnsweredCall): void =>
      reporter.traced({ kind: "call", what: name, about, outcome }),
    onLookup: ({ name, type, where, because, from }: ToldLookup): void =>
      reporter.traced({
        kind: "lookup",
        what: typeNames[type] ?? `type ${type}`,
        about: `${name} (${because})`,
        outcome: `${where}, by ${from}`,
      }),
    onFlow: ({ about, where, because, outcome }: TracedFlow): void =>
      reporter.traced({ kind: "flow", what: where, about: `${about} (${because})`, outcome }),
  };
}
