import type { Option } from "commander";
import { type Binding, variableOf } from "../../config/index.ts";
import { ClientError } from "../../errors.ts";
import { closest } from "../../text/closest.ts";
import type { Setting } from "./setting.ts";

/** A flag of a command that has a field in the config, and so a variable. */
export interface BoundOption {
  readonly binding: Binding;
  readonly option: Option;
}

/** What the variables `MAGPIE_…` say of flags; one that is empty says nothing. `problems` gets what is wrong with them. */
export function variableSettings(
  bound: readonly BoundOption[],
  { environment, problems }: { environment: NodeJS.ProcessEnv; problems: ClientError[] },
): readonly Setting[] {
  return bound.flatMap(({ binding, option }) => {
    const name = variableOf(binding);
    const text = environment[name];
    if (text === undefined || text === "") return [];
    try {
      return [
        {
          binding,
          option,
          value: valueOf(text, { name, binding, option }),
          origin: { kind: "variable", name },
        },
      ];
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      problems.push(error);
      return [];
    }
  });
}

function valueOf(text: string, { name, binding, option }: BoundOption & { name: string }): Setting["value"] {
  if (binding.form === "switch") return yesOrNo(text, name);
  if (binding.form === "list" || binding.form === "pairs") {
    const items = text.split(binding.hasNoCommas === true ? /[\n,]/ : "\n").map((item) => item.trim());
    return items.filter((item) => item !== "");
  }
  const choices = option.argChoices;
  if (choices === undefined || choices.includes(text)) return text;
  const meant = closest(text, choices);
  throw new ClientError(
    "usage",
    `${name} is ${JSON.stringify(text)}, which is none of ${choices.join(", ")}`,
    {
      ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }),
    },
  );
}

function yesOrNo(text: string, name: string): boolean {
  const word = text.toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  if (["0", "false", "no", "off"].includes(word)) return false;
  throw new ClientError("usage", `${name} is ${JSON.stringify(text)}, which is neither yes nor no`, {
    hint: "Write true or false.",
  });
}
