export { DecisionRing } from "./decision-ring.ts";
export { explainDecision } from "./explain-decision.ts";
export { HeadStore } from "./head-store.ts";
export { keptHead } from "./kept-head.ts";
export { anybody, type Reader, recordOf } from "./record-of.ts";
export { Recording, type TracedLink, type TracedMirror } from "./recording.ts";
export { TellingPace } from "./telling-pace.ts";
export { type Listener, Trace } from "./trace.ts";
