import { z } from "zod";
import type { RuleFlag } from "../../context/environment-rule.ts";
import { rulesOfFlags } from "../../context/rules-of-flags.ts";
import { ClientError } from "../../errors.ts";
import { field, several, text, textReadBy, whole } from "./field.ts";
import { problemOf } from "./problem-of-value.ts";

const pattern = (flag: Exclude<RuleFlag, "override" | "map" | "from-env-file">) =>
  textReadBy((name) => rulesOfFlags([{ flag, text: name }]));

/** A value; numbers, true and false stand for how they are written. */
const value = z.union([z.string(), z.number(), z.boolean()]);

const values = (flag: "override" | "map") =>
  z.record(z.string(), value).check(({ value: pairs, issues }) => {
    for (const name of Object.keys(pairs)) {
      const problem = name.includes("=")
        ? { message: `a name has no =, and ${JSON.stringify(name)} has` }
        : problemOf(() => rulesOfFlags([{ flag, text: `${name}=` }]));
      if (problem === undefined) continue;
      const { message, hint } = { hint: undefined, ...problem };
      issues.push({ code: "custom", message, params: { hint, isName: true }, input: name, path: [name] });
    }
  });

/** The variables of a program under exec, and what env tells of them. */
export const environmentSchema = z.strictObject({
  mode: field(z.enum(["pod", "local"]), {
    description:
      "Whose variables the program has: the pod's, by the rules that follow, or yours as they are.",
    default: "pod",
  }),
  process: field(whole(readProcess), {
    description:
      "Number of the process whose variables are meant (default: the target's, or the one that listens there).",
    examples: [1],
  }),
  exclude: field(several(pattern("exclude")), {
    description: "Leave the pod's out: yours stays. * is any run of characters, as in all names.",
    examples: ["AWS_*", ["*_PROXY", "TZ"]],
  }),
  include: field(several(pattern("include")), {
    description: "Take the pod's; what is included counts more than what is excluded.",
    examples: [["SHOP_*", "DB_HOST"]],
  }),
  map: field(values("map"), {
    description: "Give a value to every variable there is of these names.",
    examples: [{ "*_LOG_LEVEL": "debug" }],
  }),
  envFile: field(several(text), {
    description:
      "Set the variables of a file, read as node --env-file does. A path that is not absolute begins at the folder of the project.",
    examples: [".env.local"],
  }),
  override: field(values("override"), {
    description: "Set variables.",
    examples: [{ LOG_LEVEL: "debug", OWNER: "{{ env.USER }}" }],
  }),
  unset: field(several(pattern("unset")), {
    description: "Have no such variables, whatever the rest says.",
    examples: ["OTEL_*"],
  }),
});

function readProcess(number: string): void {
  if (/^[1-9]\d{0,6}$/.test(number)) return;
  throw new ClientError("usage", `${JSON.stringify(number)} is not the number of a process`);
}
