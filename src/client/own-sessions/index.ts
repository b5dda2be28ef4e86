export type { OwnSession } from "./own-session.ts";
export { describeOwn, OwnSessions, proofOf, targetOfOwn } from "./own-sessions.ts";
export { rememberSession } from "./remember-session.ts";
