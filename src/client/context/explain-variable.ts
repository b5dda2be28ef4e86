import { printable } from "../text/paint.ts";
import { textOf } from "./byte-text.ts";
import type { DecidedVariable } from "./environment-rules.ts";

/** Says in a sentence whose a variable is, which rule has decided it, and how to have it otherwise. */
export function explainVariable(decided: DecidedVariable): string {
  return `${shownName(decided.name)} is ${whose(decided)}: ${because(decided)}`;
}

/** A name as it may be shown on a terminal. */
export function shownName(name: string): string {
  return printable(textOf(name) ?? name);
}

function whose({ source, rule }: DecidedVariable): string {
  if (source === "pod") return "the pod's";
  if (source === "yours") return "yours";
  return source === "none" ? "not set" : `set by ${rule?.written ?? "a rule"}`;
}

function because(decided: DecidedVariable): string {
  const { rule, builtIn } = decided;
  if (rule !== undefined) return andBefore(becauseOfRule(decided), decided);
  if (builtIn === undefined) return `no rule names it${lack(decided)}`;
  const { isInPod, isYours } = decided;
  const listed = `it is on the built-in list since it ${builtIn.because}`;
  const missing = isYours ? "" : ", and you have none";
  // Nothing would change where the pod has none.
  const way = isInPod ? `; --include ${shownName(decided.name)} takes the pod's` : "";
  return `${listed}${missing}${way}`;
}

/** Who has none, where that decided. */
function lack({ source }: DecidedVariable): string {
  if (source === "yours") return ", and the pod has none";
  return source === "none" ? ", and neither the pod nor you have it" : "";
}

function becauseOfRule({ rule, source, isInPod, builtIn }: DecidedVariable): string {
  const written = rule?.written ?? "";
  switch (rule?.kind) {
    case "include": {
      const listed = builtIn === undefined ? "" : ", though it is on the built-in list";
      if (source === "pod") return `${written} takes it${listed}`;
      return `${written} names it, but the pod has none${source === "none" ? ", nor have you" : ""}`;
    }
    case "exclude": {
      const left = isInPod ? `${written} leaves the pod's out` : `${written} names it, and the pod has none`;
      return source === "none" ? `${left}, and you have none` : left;
    }
    case "unset":
      return `${written} takes it away`;
    case "map":
      return "that changes its value, wherever it comes from";
    default:
      return "whoever has another value";
  }
}

function andBefore(text: string, { overruled }: DecidedVariable): string {
  if (overruled.length === 0) return text;
  const others = overruled.map(({ written }) => written).join(", ");
  return `${text}; it was written behind ${others}`;
}
