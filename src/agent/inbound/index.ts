export { Connection, type InboundContext } from "./connection.ts";
