import type { z } from "zod";
import { closest } from "../../text/closest.ts";
import { configSchema, type Config } from "./config.ts";
import type { IssueDetails } from "./problem-of-value.ts";
import { namesAt, schemaFields } from "./schema-fields.ts";

/** Something that is wrong with a value, by the path to it. */
export interface ValueFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string | undefined;
  /** The name of the field is wrong, and not its value. */
  readonly isName?: boolean;
  /** 0-based offset into the text that is wrong. */
  readonly position?: number | undefined;
}

/** Gives the config, or all that is wrong with a value as one. */
export function checkValue(
  value: unknown,
):
  | { readonly config: Config; readonly faults?: never }
  | { readonly config?: never; readonly faults: readonly ValueFault[] } {
  const { data, error } = configSchema.safeParse(value);
  return error === undefined ? { config: data } : { faults: faultsOfIssues(error.issues, { value }) };
}

/** What is wrong with a value by a definition, whose names are known. @param schema ours when absent */
export function faultsOfIssues(
  issues: readonly z.core.$ZodIssue[],
  { value, schema = configSchema }: { value: unknown; schema?: z.ZodObject },
): readonly ValueFault[] {
  return issues.flatMap((issue) => faultsOf(issue, [], { value, schema }));
}

/** The whole value, in which paths are looked up, and its definition. */
interface Root {
  readonly value: unknown;
  readonly schema: z.ZodObject;
}

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

function faultsOf(issue: Issue, around: Path, root: Root): ValueFault[] {
  const path = [...around, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  const value = valueAt(root.value, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownName([...path, key], root));
    case "invalid_union":
      return ofUnion(issue.errors, { path, root });
    case "invalid_type":
      return [{ path, message: `is ${kindOf(value)}, and must be ${expectedWord(issue)}` }];
    case "invalid_value":
      return [noneOf(path, value, issue.values.map(String))];
    case "custom": {
      const { hint, position, isName = false }: IssueDetails = issue.params ?? {};
      return [{ path, message: issue.message, hint, position, isName }];
    }
    case "too_small":
      return [{ path, message: tooSmall(issue) }];
    case "too_big":
      return [{ path, message: tooBig(issue) }];
    default:
      return [{ path, message: `is wrong: ${issue.message}` }];
  }
}

function tooSmall({ origin, minimum }: z.core.$ZodIssueTooSmall): string {
  if (origin === "array" && minimum !== 1) return `has not ${minimum} items`;
  return origin === "string" || origin === "array" ? "is empty" : `is below ${minimum}`;
}

function tooBig({ origin, maximum }: z.core.$ZodIssueTooBig): string {
  if (origin === "array") return `has more than ${maximum} items`;
  return origin === "string" ? `is longer than ${maximum} characters` : `is above ${maximum}`;
}

/** Of the forms that a field may have, what is wrong is told of the one that was meant. */
function ofUnion(
  branches: readonly (readonly Issue[])[],
  { path, root }: { path: Path; root: Root },
): ValueFault[] {
  const value = valueAt(root.value, path);
  const open = branches.flatMap((branch) => flattened(branch));
  const meant = open
    .filter((branch) => !branch.some(isOtherForm))
    .sort((one, other) => one.length - other.length);
  const [nearest] = meant;
  if (nearest !== undefined) return nearest.flatMap((issue) => faultsOf(issue, path, root));
  const words = [...new Set(open.flatMap((branch) => branch.filter(isOtherForm).flatMap(wordsOf)))];
  const choices = words.filter((word) => word.startsWith('"')).map((word) => word.slice(1, -1));
  if (typeof value === "string" && choices.length === words.length) return [noneOf(path, value, choices)];
  const [yes, no] = [words.indexOf('"true"'), words.indexOf('"false"')];
  const shown = words.filter((_word, index) => yes === -1 || no === -1 || (index !== yes && index !== no));
  const isTime = typeof value === "number" && words.includes('"0"');
  const timeHint = isTime ? `Write its unit too, like ${value}s.` : undefined;
  const hint = typeof value === "string" ? (yesHint(value, shown) ?? meantHint(value, choices)) : timeHint;
  return [
    {
      path,
      message: `is ${kindOf(value)}, and must be ${joined(shown.map((word) => word.replaceAll('"', "")))}`,
      hint,
    },
  ];
}

/** A form that has several forms itself counts as so many. */
function flattened(branch: readonly Issue[]): (readonly Issue[])[] {
  const [only, ...others] = branch;
  if (only?.code !== "invalid_union" || others.length > 0 || only.path.length > 0) return [branch];
  return only.errors.flatMap((inner) => flattened(inner));
}

function isOtherForm(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

function wordsOf(issue: Issue): string[] {
  if (issue.code === "invalid_value") return issue.values.map((value) => JSON.stringify(String(value)));
  return issue.code === "invalid_type" ? [expectedWord(issue)] : [];
}

/** As YAML 1.1 and people write it. */
function yesHint(value: string, words: readonly string[]): string | undefined {
  if (!words.includes("true or false")) return undefined;
  if (/^(?:yes|on|y)$/i.test(value)) return "Write true.";
  return /^(?:no|off|n)$/i.test(value) ? "Write false." : undefined;
}

function noneOf(path: Path, value: unknown, choices: readonly string[]): ValueFault {
  const message = `${JSON.stringify(value)} is none of ${choices.join(", ")}`;
  return { path, message, hint: typeof value === "string" ? meantHint(value, choices) : undefined };
}

function meantHint(value: string, choices: readonly string[]): string | undefined {
  const meant = closest(value, choices);
  return meant === undefined ? undefined : `Did you mean ${meant}?`;
}

function unknownName(path: Path, { schema }: Root): ValueFault {
  const name = String(path.at(-1));
  const around = path.slice(0, -1);
  const names = namesAt(around, schema).filter((known) => known !== "$schema");
  const message =
    around.length === 0
      ? `there is no field ${JSON.stringify(name)}`
      : `has no field ${JSON.stringify(name)}`;
  return { path, message, hint: hintFor(name, names, schema), isName: true };
}

function hintFor(name: string, names: readonly string[], schema: z.ZodObject): string | undefined {
  if (name === "<<")
    return "Merge keys are of YAML 1.1 and not read; an alias *name stands for a whole value.";
  const folded = (text: string) => text.replaceAll(/[-_]/g, "").toLowerCase();
  const same = names.find((known) => folded(known) === folded(name));
  const meant = same ?? closest(name, names);
  if (meant !== undefined) return `Did you mean ${meant}?`;
  const leaves = schemaFields(schema).map(({ path }) => ({
    path,
    leaf: path.slice(path.lastIndexOf(".") + 1),
  }));
  const leaf = leaves.find((one) => folded(one.leaf) === folded(name))?.leaf;
  const near =
    leaf ??
    closest(
      name,
      leaves.map((one) => one.leaf),
    );
  const elsewhere = leaves.filter(({ path, leaf }) => leaf === near && path !== name).map(({ path }) => path);
  if (elsewhere.length > 0) return `Did you mean ${elsewhere.join(" or ")}?`;
  return names.length === 0 ? undefined : `Known here: ${names.join(", ")}.`;
}

function expectedWord({ expected }: { readonly expected: string }): string {
  switch (expected) {
    case "string":
      return "a text";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    default:
      return "an object";
  }
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return "a text";
  if (typeof value === "number") return "a number";
  return value === true ? "true" : "false";
}

function joined(words: readonly string[]): string {
  const unique = [...new Set(words)];
  return unique.length < 2 ? unique.join("") : `${unique.slice(0, -1).join(", ")} or ${unique.at(-1)}`;
}

function valueAt(root: unknown, path: Path): unknown {
  let at = root;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[step]; // It has such a property, whatever it is.
  }
  return at;
}
