export { Connection } from "./connection.ts";
export type { InboundContext } from "./connection-ends.ts";
