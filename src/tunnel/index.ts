export type { Carrier, CarrierEvents, NotingCarrier } from "./carrier.ts";
export { type Clock, systemClock } from "./clock.ts";
export { TunnelError, type TunnelErrorCode } from "./errors.ts";
export { MemoryCarrier, type MemoryLinkOptions } from "./memory-carrier.ts";
export { ResumableCarrier, type ResumableOptions } from "./resumable-carrier.ts";
export type { ResumeAnswer, ResumeClaim, ResumeRefusal } from "./resume-claim.ts";
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
  type Resumed,
  resumeWebSocket,
} from "./websocket-carrier.ts";
