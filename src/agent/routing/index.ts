export { askedSubscription, type AskedRoutes, type AskedSubscription } from "./asked-routes.ts";
export { PortRoutes } from "./port-routes.ts";
export { reasonOf } from "./reason.ts";
export { RouteConflict, Routes } from "./routes.ts";
export type { Holder, Subscription } from "./subscription.ts";
