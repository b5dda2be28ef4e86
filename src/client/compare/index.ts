export type { Answer, AnswerBody, AnswerEnd, ComparedRequest, FieldPair } from "./answer.ts";
export { AnswerRecorder } from "./answer-recorder.ts";
export { compareAnswers, type CompareOptions } from "./compare-answers.ts";
export { comparisonLine } from "./comparison-line.ts";
export { ComparisonSummary, type IncomparablePolicy } from "./comparison-summary.ts";
export { defaultIgnores, neverCompared } from "./default-ignores.ts";
export type {
  BodyKind,
  Comparison,
  Difference,
  DifferenceKind,
  HiddenBy,
  IncomparableCode,
} from "./difference.ts";
export type { IgnoreRule } from "./ignore-rule.ts";
export { type Learned, mayLearnFrom, NoiseLearner, type NoisyPlace } from "./noise-learner.ts";
export { parseIgnoreRule } from "./parse-ignore-rule.ts";
export { formatPlace, type Place } from "./place.ts";
export { routeKey } from "./route-key.ts";
export { Secrets } from "./secrets.ts";
export { summaryLines } from "./summary-lines.ts";
export type { SummaryReport } from "./summary-report.ts";
