export { PortRoutes } from "./port-routes.ts";
export { reasonFor } from "./reason.ts";
export { RouteConflict, Routes } from "./routes.ts";
export type { Holder, Subscription } from "./subscription.ts";
