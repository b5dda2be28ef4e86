export { Allowance } from "./allowance.ts";
export { askedSubscription, type AskedRoutes, type AskedSubscription } from "./asked-routes.ts";
export { type CopyOutcome, Mirror } from "./mirror.ts";
export { tellOverlaps } from "./overlaps.ts";
export type { PortMirrors } from "./port-mirrors.ts";
export { PortRoutes } from "./port-routes.ts";
export { reasonOf } from "./reason.ts";
export { type Replacement, RouteConflict, Routes } from "./routes.ts";
export type { EndCode, Holder, Subscription } from "./subscription.ts";
