export { Deliveries, type LocalSpeech } from "./deliveries.ts";
export type { ExchangeEvents, ExchangeStream } from "./exchange-stream.ts";
export { readPlainBlock, readTrailerLines } from "./convert/field-blocks.ts";
export { HeldExchange } from "./held-exchange.ts";
export { Incoming, type LocalGate, type Offer, type Quota } from "./incoming.ts";
export type { DialledSocket } from "./local-connection.ts";
export type { LocalProtocol } from "./local-protocols.ts";
export type { LocalTls } from "./local-tls.ts";
