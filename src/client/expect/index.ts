export { awaitSession, type AwaitedSession } from "./awaited-session.ts";
export type { Condition } from "./condition.ts";
export { type Result, resultOf } from "./course.ts";
export { type ExpectPlanFlags, expectPlanOf } from "./expect-plan.ts";
export { Expectation, type ExpectOutcome, type ExpectPlan, type Progress } from "./expectation.ts";
export { writeFailedReport, writeReport } from "./report-file.ts";
export { countedEvent, expectedEvent } from "./result-json.ts";
export { conditionWords, outcomeLines } from "./result-words.ts";
