export {
  type ComparedAnswers,
  type InspectedPort,
  type InspectedSession,
  InspectionPoint,
  type SessionWatcher,
} from "./inspection-point.ts";
export { Interrupts } from "./interrupts.ts";
export { jsonReporter } from "./json-reporter.ts";
export { memberRequestId, readMemberRequestId } from "./member-reporter.ts";
export type { CopyTotals, Reporter } from "./reporter.ts";
export type { SessionWork } from "./run-session.ts";
export type { StreamReceiver } from "./stream-receiver.ts";
export { textReporter } from "./text-reporter.ts";
