export { Mirror } from "./mirror.ts";
export type { PortMirrors } from "./port-mirrors.ts";
export { PortRoutes } from "./port-routes.ts";
export { reasonFor } from "./reason.ts";
export { RouteConflict, Routes } from "./routes.ts";
export type { Holder, Subscription } from "./subscription.ts";
