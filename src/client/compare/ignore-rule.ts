import type { CompiledFilter } from "../../filters/index.ts";
import type { HiddenBy } from "./difference.ts";

/** What one rule of `--ignore` means; `parseIgnoreRule` makes one. */
export interface IgnoreRule {
  /** As it was written, without its sign. */
  readonly text: string;
  /** `compare` is a rule with `+`: it takes back what earlier rules, defaults and noise hide. */
  readonly action: "ignore" | "compare";
  readonly by: HiddenBy;
  /** Where noise was seen, for people. */
  readonly why?: string;
  readonly subject: RuleSubject;
}

export type RuleSubject =
  | { readonly of: "status" }
  /** In lower case; `*` stands for any run of characters. */
  | { readonly of: "header" | "trailer"; readonly name: string }
  /** All of it, however it was compared. */
  | { readonly of: "body" }
  /** A place and all below it; with `membersOnly` only that an array has one element more or less there. */
  | { readonly of: "json"; readonly steps: readonly PointerStep[]; readonly membersOnly?: true }
  | { readonly of: "line"; readonly line: number }
  | { readonly of: "line-pattern"; readonly pattern: CompiledFilter }
  /** Lines that are the same once numbers and ids are left out; see `lineTemplate`. */
  | { readonly of: "line-template"; readonly template: string }
  /** Field numbers, "*" for any; a place and all below it. `message` undefined means every message. */
  | { readonly of: "grpc"; readonly message: number | undefined; readonly fields: readonly (number | "*")[] };

/** A key or index as text, `one` level of any name, or `any` number of levels, none included. */
export type PointerStep = { readonly key: string } | "one" | "any";
