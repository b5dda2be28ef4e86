import { textOfLine } from "../../json-lines/index.ts";
import { explainFlow, outgoingRules, parseAskedFlow } from "../../outgoing/rules/index.ts";
import type { UnlessRule } from "../../outgoing/rules/index.ts";
import { paintFor } from "../../text/paint.ts";
import type { ExplainHostFlags } from "../commands/explain-host.ts";
import { explaining } from "./explaining.ts";

/** Runs `magpie explain host`; gives the exit code. Nobody is asked. */
export function runExplainHost(flags: ExplainHostFlags): Promise<number> {
  return explaining(flags, (writeLine) => {
    const rules = outgoingRules(flags.outgoing);
    const asked = flags.hosts.map((text) => ({ text, flow: parseAskedFlow(text) }));
    const paint = paintFor(process.stdout, process.env);
    for (const { text, flow } of asked) {
      const { decision, lookup, sentences } = explainFlow(rules, flow, text);
      if (flags.output === "json") {
        const { where, rule, because } = decision;
        const decided = { where, rule: rule?.written ?? null, builtIn: rule?.builtIn ?? null, because };
        const unless = decision.unless.map(unlessJson);
        const explanation = sentences.join("\n");
        const looked = lookup && {
          where: lookup.where,
          rule: lookup.rule?.written ?? null,
          because: lookup.because,
          unless: lookup.unless.map(unlessJson),
        };
        writeLine(
          textOfLine({ event: "host", asked: text, ...decided, unless, lookup: looked, explanation }),
        );
        continue;
      }
      const [first = "", ...others] = sentences;
      writeLine(first);
      for (const sentence of others) writeLine(paint("dim", `  ${sentence}`));
    }
  });
}

function unlessJson({ rule, when }: UnlessRule) {
  return { rule: rule.written, where: rule.where, when };
}
