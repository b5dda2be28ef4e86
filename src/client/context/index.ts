export { type ByteText, bytesOf, textOf, toByteText } from "./byte-text.ts";
export { parseEnvironBlock, type Variables } from "./environ-block.ts";
export { asDotenv, asJson, asShell, asShown, type WrittenEnvironment } from "./environment-forms.ts";
export { type EnvironmentPlan, environmentPlan, type VariableFlags } from "./environment-plan.ts";
export type { EnvironmentRule, RuleFlag, WrittenRule } from "./environment-rule.ts";
export {
  type DecidedVariable,
  EnvironmentRules,
  programVariables,
  type VariableSources,
} from "./environment-rules.ts";
export { explainVariable, shownName } from "./explain-variable.ts";
export { isSecretName, maskedValue } from "./mask-value.ts";
export { ownEnvironment } from "./own-environment.ts";
export { notesOnSources, type ProgramSources, sourcesOf } from "./program-sources.ts";
export { rulesOfFlags } from "./rules-of-flags.ts";
