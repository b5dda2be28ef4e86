import type { Command, Option } from "commander";
import {
  bindingsOf,
  type ConfigFile,
  findConfig,
  type FlagOrigin,
  looksForConfig,
  namedConfig,
  setFlagOrigins,
} from "../../config/index.ts";
import type { LoadedConfig } from "../../config/load-config.ts";
import type { RuleFlag } from "../../context/index.ts";
import { ClientError } from "../../errors.ts";
import { environmentRulesOf } from "../commands/environment-options.ts";
import { fileSettings } from "./file-settings.ts";
import { type FlagLookup, otherModes, withoutIdle } from "./idle-settings.ts";
import type { Setting } from "./setting.ts";
import { SettingsRefused } from "./settings-refused.ts";
import { type BoundOption, variableSettings } from "./variable-settings.ts";

/** Where settings are looked for. */
export interface SettingsPlace {
  readonly environment: NodeJS.ProcessEnv;
  /** The folder one is in. */
  readonly folder: string;
}

/** What was set, and from where. */
export interface AppliedSettings {
  readonly file: ConfigFile | undefined;
  readonly loaded: LoadedConfig | undefined;
  /** Those that hold, by the long names of their flags. */
  readonly settings: ReadonlyMap<string, Setting>;
}

/** Where nothing is looked for. */
export const nothingApplied: AppliedSettings = { file: undefined, loaded: undefined, settings: new Map() };

/**
 * Gives the flags of a command that nobody wrote what variables and the config say: the one place where a flag goes before a
 * variable, a variable before a file, and a file before the default. Called between reading a command line and acting on it.
 * Without a file nothing is loaded for it.
 *
 * Of a flag that may be repeated, what goes before takes the place of the whole list.
 * @throws SettingsRefused with all that is wrong
 */
export async function applySettings(command: Command, place: SettingsPlace): Promise<AppliedSettings> {
  const name = nameOf(command);
  const bound = bindingsOf(name).flatMap((binding): BoundOption[] => {
    const option = command.options.find(({ long }) => long === `--${binding.flag}`);
    return option === undefined ? [] : [{ binding, option }];
  });
  if (bound.length === 0) return nothingApplied;
  const { environment, folder } = place;
  const problems: ClientError[] = [];
  const variables = variableSettings(bound, { environment, problems });
  const file = configOf(command, { environment, folder, problems });
  const profile = profileOf(command, environment);
  const { settings: fromFile = [], loaded } =
    file === undefined ? {} : await fileSettings(bound, { file, environment, profile });
  if (file === undefined && profile !== undefined)
    problems.push(
      new ClientError("usage", `there is no config that could have a profile ${JSON.stringify(profile)}`, {
        hint: "Name one by --config, or make one: magpie config init",
      }),
    );
  if (problems.length > 0) throw new SettingsRefused(problems);
  const settings = chosen(command, { name, variables, fromFile });
  // Both ends of a list of rules: those of files and variables count as written before those of the command line.
  const rules = environmentRulesOf(command);
  const written = rules?.splice(0) ?? [];
  for (const setting of settings.filter(({ origin }) => origin.kind === "file")) set(command, setting);
  for (const setting of settings.filter(({ origin }) => origin.kind === "variable")) set(command, setting);
  rules?.push(...written);
  setFlagOrigins(
    new Map(settings.map(({ binding, origin }): [string, FlagOrigin] => [binding.flag, origin])),
  );
  return { file, loaded, settings: new Map(settings.map((setting) => [setting.binding.flag, setting])) };
}

/** `explain env`: the names that lead to a command, without the program's own. */
export function nameOf(command: Command): string {
  const names: string[] = [];
  for (let at = command; at.parent !== null; at = at.parent) names.unshift(at.name());
  return names.join(" ");
}

/** What of variables and file counts: neither what the command line says, nor what means nothing to this run. */
function chosen(
  command: Command,
  about: { name: string; variables: readonly Setting[]; fromFile: readonly Setting[] },
): readonly Setting[] {
  const open = [...about.variables, ...about.fromFile].filter(({ option }) => !isWritten(command, option));
  const first = new Map<string, Setting>();
  for (const setting of open) if (!first.has(setting.binding.flag)) first.set(setting.binding.flag, setting);
  const isVariable = (flag: string) => first.get(flag)?.origin.kind === "variable";
  const lookup: FlagLookup = (flag) => {
    const option = command.options.find(({ long }) => long === `--${flag}`);
    if (option === undefined) return undefined;
    if (!isWritten(command, option)) {
      const setting = first.get(flag);
      return setting && { value: setting.value, isWritten: false, kind: setting.origin.kind };
    }
    const value: unknown = command.getOptionValue(option.attributeName());
    return { value: option.negate ? value === false : value, isWritten: true, kind: "flag" };
  };
  const replaced = new Set(otherModes(lookup));
  // --steal and --mirror are one choice: of a variable, too.
  const modes = ["steal", "mirror", "no-incoming"];
  if (modes.some((flag) => isVariable(flag) && first.get(flag)?.value === true))
    for (const flag of modes) if (!isVariable(flag)) replaced.add(flag);
  for (const flag of replaced) first.delete(flag);
  return withoutIdle([...first.values()], { command: about.name, lookup });
}

function isWritten(command: Command, option: Option): boolean {
  return command.getOptionValueSource(option.attributeName()) === "cli";
}

function set(command: Command, { option, value, origin, binding }: Setting): void {
  const rules = environmentRulesOf(command);
  const source = origin.kind === "file" ? "config" : "env";
  const isRule = rules !== undefined && ruleFlags.some((flag) => flag === binding.flag);
  if (isRule && Array.isArray(value)) {
    // Found among the names of rules.
    for (const text of value) rules.push({ flag: binding.flag as RuleFlag, text: String(text) });
    return;
  }
  const stands = option.negate ? value !== true : value;
  command.setOptionValueWithSource(option.attributeName(), stands, source);
}

/** In the order in which rules of a file count. */
const ruleFlags: readonly RuleFlag[] = ["exclude", "include", "map", "from-env-file", "override", "unset"];

function configOf(
  command: Command,
  { environment, folder, problems }: SettingsPlace & { problems: ClientError[] },
): ConfigFile | undefined {
  const written: unknown = command.getOptionValue("config");
  const takesOne = command.options.some(({ long }) => long === "--config");
  if (!takesOne || written === false) return undefined;
  const named = typeof written === "string" ? written : environment["MAGPIE_CONFIG"];
  if (named !== undefined && named !== "") return namedConfig(named, folder);
  if (!looksForConfig(nameOf(command))) return undefined;
  try {
    return findConfig(folder);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    problems.push(error);
    return undefined;
  }
}

function profileOf(command: Command, environment: NodeJS.ProcessEnv): string | undefined {
  const written: unknown = command.getOptionValue("profile");
  const named = typeof written === "string" ? written : environment["MAGPIE_PROFILE"];
  return named === "" ? undefined : named;
}
