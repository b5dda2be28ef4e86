export { type Binding, bindings, bindingsOf, looksForConfig, variableOf } from "./bindings.ts";
export { type ConfigProblem, placeText, problemLines, problemText } from "./config-problem.ts";
export { type ConfigFile, findConfig, namedConfig } from "./find-config.ts";
export { fieldProblem, type FlagOrigin, placedError, setFlagOrigins } from "./flag-origins.ts";
