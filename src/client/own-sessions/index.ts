export type { OwnSession } from "./own-session.ts";
export {
  describeOwn,
  OwnSessions,
  proofOf,
  type RememberedSession,
  targetOfOwn,
  wholeTargetOfOwn,
} from "./own-sessions.ts";
export { rememberSession } from "./remember-session.ts";
