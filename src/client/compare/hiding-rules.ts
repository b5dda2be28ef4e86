import { Fields, type RequestHead } from "../../http/index.ts";
import { defaultIgnores } from "./default-ignores.ts";
import { fitsGlob } from "../text/glob.ts";
import type { IgnoreRule, RuleSubject } from "./ignore-rule.ts";
import { limits } from "./limits.ts";
import { lineTemplate } from "./line-template.ts";
import { asBytes, parseIgnoreRule } from "./parse-ignore-rule.ts";
import { PointerRules } from "./pointer-rules.ts";

const defaults = defaultIgnores.map((text) => parseIgnoreRule(text, "default"));

/**
 * All rules that hold for one pair of answers, ready to be asked. Of those that fit the last one counts, in the order:
 * defaults, noise, the user's. Gives the rule that hides a place, or undefined when it counts.
 */
export class HidingRules {
  readonly #rules: readonly IgnoreRule[];
  readonly #answers = new Map<string, IgnoreRule | undefined>();
  /** Those for places of a JSON body. */
  readonly pointers: PointerRules;

  constructor(from: { ignore: readonly IgnoreRule[]; noise: readonly IgnoreRule[] }) {
    this.#rules = [...defaults, ...from.noise, ...from.ignore];
    this.pointers = new PointerRules(this.#rules);
  }

  status(): IgnoreRule | undefined {
    return this.#last((subject) => subject.of === "status");
  }

  /** @param name in lower case. */
  field(of: "header" | "trailer", name: string): IgnoreRule | undefined {
    const key = `${of}:${name}`;
    if (!this.#answers.has(key))
      this.#answers.set(
        key,
        this.#last((subject) => subject.of === of && fitsGlob(subject.name, name)),
      );
    return this.#answers.get(key);
  }

  /** For a body as a whole. */
  body(): IgnoreRule | undefined {
    return this.#last((subject) => subject.of === "body");
  }

  /** For one line by its text alone: rules with a number are left out, since alignment must not depend on them. */
  lineText(text: string): IgnoreRule | undefined {
    return this.#last((subject) => subject.of === "body" || fitsLine(subject, text));
  }

  /** For a difference of lines: every text that there is must fit, or the line's number. */
  line(line: number, texts: readonly string[]): IgnoreRule | undefined {
    return this.#last(
      (subject) =>
        subject.of === "body" ||
        (subject.of === "line" && subject.line === line) ||
        texts.every((text) => fitsLine(subject, text)),
    );
  }

  /** Whether lines are looked at one by one, so that a hash of all of them is no answer. */
  get looksAtLines(): boolean {
    return this.#rules.some(({ subject }) => subject.of.startsWith("line"));
  }

  grpc(message: number, fields: readonly number[]): IgnoreRule | undefined {
    return this.#last((subject) => {
      if (subject.of === "body") return true;
      if (subject.of !== "grpc") return false;
      if (subject.message !== undefined && subject.message !== message) return false;
      return subject.fields.every((field, at) => (field === "*" ? at < fields.length : field === fields[at]));
    });
  }

  #last(fits: (subject: RuleSubject) => boolean): IgnoreRule | undefined {
    const rule = this.#rules.findLast((rule) => fits(rule.subject));
    return rule?.action === "ignore" ? rule : undefined;
  }
}

function fitsLine(subject: RuleSubject, text: string): boolean {
  if (subject.of === "line-template") return subject.template === lineTemplate(text);
  if (subject.of !== "line-pattern") return false;
  return subject.pattern.matches(lineAsHead(text.slice(0, limits.patternCharacters)));
}

/** The linear engine is asked through a filter, and filters are asked about heads. */
function lineAsHead(text: string): RequestHead {
  const fields = Fields.fromPairs([["line", asBytes(text)]]);
  return { method: "GET", target: "/", version: "1.1", authority: "", fields };
}
