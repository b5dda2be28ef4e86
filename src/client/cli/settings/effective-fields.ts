import type { Command } from "commander";
import { type Binding, bindings, variableOf } from "../../config/index.ts";
import type { LoadedConfig } from "../../config/load-config.ts";
import type { SchemaField } from "../../config/schema/index.ts";
import { environmentRulesOf } from "../commands/environment-options.ts";
import type { AppliedSettings } from "./apply-settings.ts";

/** Where the value of a field came from. */
export type FieldSource =
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: "default" };

/** What a field comes to in the end. */
export interface EffectiveField {
  readonly field: string;
  /** As it would stand in a file: a text, a list of them, true or false. */
  readonly value: unknown;
  readonly source: FieldSource;
  /** The names that its templates asked for. */
  readonly filledWith: readonly string[];
}

/** What every field comes to that has a value, in the order of the definition. */
export function effectiveFields(
  command: Command,
  about: { applied: AppliedSettings; fields: readonly SchemaField[] },
): readonly EffectiveField[] {
  const names = [...new Set(bindings.map(({ field }) => field))];
  return names.flatMap((field) => {
    const said = bindings
      .filter((binding) => binding.field === field)
      .map((binding) => saidOf(command, binding, about.applied))
      .find((one) => one !== undefined);
    if (said !== undefined) return [said];
    const usual = about.fields.find(({ path }) => path === field)?.default;
    return usual === undefined ? [] : [{ field, value: usual, source: { kind: "default" }, filledWith: [] }];
  });
}

function saidOf(
  command: Command,
  binding: Binding,
  { settings, loaded }: AppliedSettings,
): EffectiveField | undefined {
  const { field } = binding;
  if (binding.flag === "output") return outputOf(loaded);
  const setting = settings.get(binding.flag);
  const option = command.options.find(({ long }) => long === `--${binding.flag}`);
  if (setting !== undefined) {
    const value = fieldValue(binding, setting.value);
    if (value === undefined) return undefined;
    const { origin } = setting;
    if (origin.kind === "variable")
      return { field, value, source: { kind: "variable", name: variableOf(binding) }, filledWith: [] };
    const filledWith = loaded?.namesIn(origin.path) ?? [];
    return { field, value, source: { kind: "file", ...origin.place }, filledWith };
  }
  if (option === undefined || command.getOptionValueSource(option.attributeName()) !== "cli")
    return undefined;
  const rules = environmentRulesOf(command)?.filter(({ flag }) => flag === binding.flag) ?? [];
  const written: unknown = command.getOptionValue(option.attributeName());
  const stands = option.negate ? written === false : written;
  const value = fieldValue(binding, rules.length > 0 ? rules.map(({ text }) => text) : stands);
  return value === undefined
    ? undefined
    : { field, value, source: { kind: "flag", name: `--${binding.flag}` }, filledWith: [] };
}

/** The command that shows fields has a flag of that name itself, so that a session's is of variable or file. */
function outputOf(loaded: LoadedConfig | undefined): EffectiveField | undefined {
  const field = "session.output";
  const variable = process.env["MAGPIE_OUTPUT"];
  if (variable !== undefined && variable !== "")
    return { field, value: variable, source: { kind: "variable", name: "MAGPIE_OUTPUT" }, filledWith: [] };
  const value = loaded?.config.session?.output;
  if (loaded === undefined || value === undefined) return undefined;
  const path = ["session", "output"];
  return {
    field,
    value,
    source: { kind: "file", ...loaded.placeOf(path) },
    filledWith: loaded.namesIn(path),
  };
}

/** What a flag says of its field; undefined where it does not stand. */
function fieldValue({ form, when }: Binding, value: unknown): unknown {
  if (form !== "switch") return value;
  if (value === true) return when;
  return typeof when === "boolean" ? !when : undefined;
}
