import { fitsGlob } from "../text/glob.ts";
import { builtInExcludes, type ExcludeGroup } from "./built-in-excludes.ts";
import type { ByteText } from "./byte-text.ts";
import type { Variables } from "./environ-block.ts";
import type { EnvironmentRule } from "./environment-rule.ts";

/** What the program gets under one name, and which rule has decided it. */
export interface DecidedVariable {
  readonly name: ByteText;
  /** Whose it is; `rule` means a value that a rule holds, `none` that there is no such variable. */
  readonly source: "pod" | "yours" | "rule" | "none";
  /** Undefined when there is none. */
  readonly value: ByteText | undefined;
  /** The rule of the user that decided; undefined when none names the variable. */
  readonly rule: EnvironmentRule | undefined;
  /** Why it is on the built-in list, where it is. */
  readonly builtIn: ExcludeGroup | undefined;
  /** Rules of the user that name it as well, from the first written on. */
  readonly overruled: readonly EnvironmentRule[];
  readonly isInPod: boolean;
  readonly isYours: boolean;
}

/** Where variables come from: the process in the pod, and the user's own shell. */
export interface VariableSources {
  readonly pod: Variables;
  readonly yours: Variables;
}

/**
 * Decides about each variable: **the rule that was written last of those that name it**. The built-in list counts as written
 * before all others. What no rule names is the pod's, or yours where the pod has none.
 *
 * A `map` changes a value and not where variables come from: the rules before it say whether there is one at all.
 */
export class EnvironmentRules {
  readonly #rules: readonly EnvironmentRule[];

  /** @param rules in the order in which they were written */
  constructor(rules: readonly EnvironmentRule[]) {
    this.#rules = rules;
  }

  decide(name: ByteText, { pod, yours }: VariableSources): DecidedVariable {
    const naming = this.#rules.filter((rule) => names(rule, name));
    const base = naming.findLast(({ kind }) => kind !== "map");
    const builtIn = builtInExcludes.find((group) => group.names.some((glob) => fitsGlob(glob, name)));
    const [podsValue, ownValue] = [pod.get(name), yours.get(name)];
    const kind = base?.kind ?? (builtIn === undefined ? "include" : "exclude");
    const found = {
      include:
        podsValue === undefined ? yoursOrNone(ownValue) : ({ source: "pod", value: podsValue } as const),
      exclude: yoursOrNone(ownValue),
      unset: none,
      set: { source: "rule", value: base?.kind === "set" ? base.value : undefined } as const,
      map: none, // Not a base.
    }[kind];
    const last = naming.at(-1);
    const map = found.value !== undefined && last?.kind === "map" ? last : undefined;
    const rule = map ?? base;
    return {
      name,
      ...(map === undefined ? found : { source: "rule", value: map.value }),
      rule,
      builtIn,
      overruled: naming.filter((one) => one !== rule),
      isInPod: podsValue !== undefined,
      isYours: ownValue !== undefined,
    };
  }

  /** Names that are set whether or not anybody has them. */
  names(): ByteText[] {
    return this.#rules.flatMap((rule) => (rule.kind === "set" ? [rule.name] : []));
  }
}

const none = { source: "none", value: undefined } as const;

function yoursOrNone(value: ByteText | undefined) {
  return value === undefined ? none : ({ source: "yours", value } as const);
}

function names(rule: EnvironmentRule, name: ByteText): boolean {
  return rule.kind === "set" ? rule.name === name : fitsGlob(rule.pattern, name);
}

/** Everything that is decided, by the order of the names' bytes: also what the rules have taken away. */
export function programVariables(rules: EnvironmentRules, sources: VariableSources): DecidedVariable[] {
  const all = new Set([...sources.pod.keys(), ...sources.yours.keys(), ...rules.names()]);
  return [...all].toSorted(byBytes).map((name) => rules.decide(name, sources));
}

function byBytes(one: ByteText, other: ByteText): number {
  return one < other ? -1 : Number(one > other);
}
