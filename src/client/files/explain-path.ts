import { shownPath } from "./shown-path.ts";
import type { FileMode } from "./file-rule.ts";
import type { FileDecision, FileRules } from "./file-rules.ts";

/** Says in a sentence where a path leads, which rule has decided it, and how to have it otherwise. */
export function explainPath(path: string, rules: FileRules): string {
  const decision = rules.decide(path);
  return `${shownPath(path)} ${leads[decision.mode]}: ${because(path, { decision, rules })}`;
}

const leads: Readonly<Record<FileMode, string>> = {
  local: "is yours",
  read: "is the pod's, to read only",
  "read-write": "is the pod's, and changes are made there",
  absent: "is absent",
};

function because(path: string, { decision, rules }: { decision: FileDecision; rules: FileRules }): string {
  const { rule, mode } = decision;
  if (rule === undefined) return `no rule names it, and --fs ${mode} is for the rest`;
  if (rule.origin === "flag") return `${rule.written} is the first rule that fits${andBefore(path, rules)}`;
  const other = mode === "local" ? "read" : "local";
  const whose = mode === "local" ? "takes the pod's" : "leaves you yours";
  const way = `--file '${other}:${shownPath(path)}' ${whose}`;
  if (rule.origin === "made") return `Magpie makes it out of the pod's, since it ${rule.written}; ${way}`;
  return `it is on the built-in list since it ${rule.written}; ${way}`;
}

function andBefore(path: string, rules: FileRules): string {
  const others = rules.fitting(path).slice(1);
  const flags = others.filter(({ origin }) => origin === "flag").map(({ written }) => written);
  const listed = others.find(({ origin }) => origin !== "flag");
  return [
    flags.length === 0 ? "" : `; it was written before ${flags.join(", ")}`,
    listed === undefined ? "" : `, though it ${listed.written}`,
  ].join("");
}
