export type { Carrier, CarrierEvents } from "./carrier.ts";
export { type Clock, systemClock } from "./clock.ts";
export { TunnelError, type TunnelErrorCode } from "./errors.ts";
export { MemoryCarrier, type MemoryLinkOptions } from "./memory-carrier.ts";
export type { TunnelRole } from "./stream-table.ts";
export { type Indexed, StreamIndex } from "./stream-index.ts";
export { Slab } from "./slab.ts";
export type { StreamState } from "./stream-state.ts";
export { Tunnel } from "./tunnel.ts";
export type { TunnelEvents, TunnelOptions } from "./tunnel-options.ts";
export { STREAM_QUEUE_BYTES, type StreamEvents, type TunnelStream } from "./tunnel-stream.ts";
export {
  type AcceptOptions,
  acceptWebSocket,
  type ConnectOptions,
  connectWebSocket,
} from "./websocket-carrier.ts";
