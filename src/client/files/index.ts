export { explainPath } from "./explain-path.ts";
export { type FileMode, fileModes, type FileRule, type FileRuleList } from "./file-rule.ts";
export { type FileDecision, FileRules } from "./file-rules.ts";
export { madeFiles } from "./made-files.ts";
export { normalPath } from "./normal-path.ts";
export { ownPlaces, type OwnPlace, type PlacesSource } from "./own-places.ts";
export { rulesOfFileFlags, type WrittenFileRules } from "./rules-of-file-flags.ts";
export { shownPath } from "./shown-path.ts";
