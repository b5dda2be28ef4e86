export type { ExchangeEvents, ExchangeStream } from "./exchange-stream.ts";
export { Incoming, type LocalGate } from "./incoming.ts";
