import type { Argument, Command, Option } from "commander";

/** Something that the word at the cursor may become. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
  /** More is to be written behind it at once: `netns:`. */
  readonly goesOn?: boolean;
}

/** What may stand at the cursor. */
export type Completion =
  | { readonly kind: "candidates"; readonly candidates: readonly Candidate[] }
  | { readonly kind: "files" | "directories" }
  /** A command line of its own begins at this word, counted from the first behind `magpie`. */
  | { readonly kind: "command"; readonly from: number };

/** Gives values that are not in the tree; each is asked only when it is needed. */
export interface DynamicValues {
  /** `flags` are those of the cluster that were written already. */
  targets(partial: string, flags: ReadonlyMap<string, string>): Promise<readonly Candidate[]>;
  sessions(): Promise<readonly Candidate[]>;
}

/**
 * Completes the last word of a command line by the tree of commands itself, so that it knows whatever `magpie` knows.
 * `words` are those behind `magpie`; the last one is what stands before the cursor, maybe empty.
 */
export async function complete(
  root: Command,
  words: readonly string[],
  dynamic: DynamicValues,
): Promise<Completion> {
  const dashes = words.slice(0, -1).indexOf("--");
  if (dashes !== -1) return { kind: "command", from: dashes + 1 };
  const { command, expected, positionals, given } = walk(root, words.slice(0, -1));
  const partial = words.at(-1) ?? "";
  const valuesOf = (option: Option, text: string) => optionValues(option, { text, given, dynamic });
  if (expected !== undefined) return await valuesOf(expected, partial);
  const [, long = "", text = ""] = /^(--[^=]+)=(.*)$/s.exec(partial) ?? [];
  if (long !== "") {
    const option = optionsOf(command).find((one) => one.long === long);
    if (option === undefined) return nothing;
    const found = await valuesOf(option, text);
    if (found.kind !== "candidates") return found;
    return candidates(
      found.candidates.map((one) => ({ ...one, value: `${long}=${one.value}` })),
      partial,
    );
  }
  if (partial.startsWith("-")) return candidates(flagsOf(command, given), partial);
  const commands = command.commands.filter((one) => !isHidden(one));
  if (commands.length > 0 && positionals === 0) {
    const all = commands.map((one) => ({ value: one.name(), about: firstSentence(one.description()) }));
    const help = command === root ? [{ value: "help", about: "print the help of a command" }] : [];
    return candidates([...all, ...help], partial);
  }
  const { registeredArguments } = command;
  const argument =
    registeredArguments[positionals] ?? registeredArguments.findLast(({ variadic }) => variadic);
  return argument === undefined ? nothing : await argumentValues(argument, partial, dynamic);
}

const nothing: Completion = { kind: "candidates", candidates: [] };

interface Walked {
  readonly command: Command;
  /** An option that waits for its value. */
  readonly expected: Option | undefined;
  readonly positionals: number;
  /** Values of options by their long flag. */
  readonly given: ReadonlyMap<string, string>;
}

function walk(root: Command, words: readonly string[]): Walked {
  let command = root;
  let expected: Option | undefined;
  let positionals = 0;
  const given = new Map<string, string>();
  for (const word of words) {
    if (expected !== undefined) {
      given.set(expected.long ?? "", word);
      expected = undefined;
    } else if (word.startsWith("-") && word !== "-") {
      const [flag = "", value] = word.split(/=(.*)/s);
      const option = optionsOf(command).find((one) => one.long === flag || one.short === flag);
      given.set(option?.long ?? flag, value ?? "");
      if (option !== undefined && value === undefined && option.required) expected = option;
    } else {
      const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
      if (next !== undefined && positionals === 0) command = next;
      // `magpie help steal`: its words are commands.
      else if (command !== root || word !== "help") positionals += 1;
    }
  }
  return { command, expected, positionals, given };
}

async function optionValues(
  option: Option,
  about: { text: string; given: ReadonlyMap<string, string>; dynamic: DynamicValues },
): Promise<Completion> {
  const { text, given, dynamic } = about;
  if (option.argChoices !== undefined)
    return candidates(
      option.argChoices.map((value) => ({
        value,
        about: value === option.defaultValue ? "the default" : "",
      })),
      text,
    );
  if (option.long === "--target") return candidates(await dynamic.targets(text, given), text);
  if (option.long === "--session") return candidates(await dynamic.sessions(), text);
  return placeholderValues(/<([^>.]*)/.exec(option.flags)?.[1] ?? "");
}

async function argumentValues(
  argument: Argument,
  partial: string,
  dynamic: DynamicValues,
): Promise<Completion> {
  const { argChoices } = argument;
  if (argChoices !== undefined)
    return candidates(
      argChoices.map((value) => ({ value, about: "" })),
      partial,
    );
  if (argument.name() === "session") return candidates(await dynamic.sessions(), partial);
  return placeholderValues(argument.name());
}

/** What stands between the brackets says what is meant. */
function placeholderValues(name: string): Completion {
  if (/^(?:files?|paths?|config)$/.test(name)) return { kind: "files" };
  if (/^(?:directory|folder|dir)$/.test(name)) return { kind: "directories" };
  return nothing;
}

/** Those of the command; one that was written already comes again only where it may. */
function flagsOf(command: Command, given: ReadonlyMap<string, string>): Candidate[] {
  return optionsOf(command)
    .filter(({ long, hidden }) => long !== undefined && long !== null && !hidden)
    .filter((option) => !given.has(option.long ?? "") || isRepeatable(option))
    .map(({ long, description }) => ({ value: long ?? "", about: firstSentence(description) }));
}

function isRepeatable({ parseArg, variadic }: Option): boolean {
  return variadic || parseArg !== undefined;
}

function optionsOf(command: Command): readonly Option[] {
  return [...command.createHelp().visibleOptions(command)];
}

function isHidden(command: Command): boolean {
  return command.name().startsWith("_");
}

function candidates(all: readonly Candidate[], partial: string): Completion {
  return { kind: "candidates", candidates: all.filter(({ value }) => value.startsWith(partial)) };
}

function firstSentence(text: string): string {
  return (/^[^.;:\n]*/.exec(text)?.[0] ?? "").trim();
}
