export { Allowance } from "./allowance.ts";
export { tellOverlaps } from "./overlaps.ts";
export { PortRoutes } from "./port-routes.ts";
export { reasonFor } from "./reason.ts";
export { type Replacement, RouteConflict, Routes } from "./routes.ts";
export type { EndCode, Holder, Subscription } from "./subscription.ts";
