export {
  type DatagramEvents,
  type DatagramPort,
  type Destination,
  type FarEnd,
  NetworkError,
  type Outgoing,
} from "./outgoing.ts";
export { type Way, Ways } from "./ways.ts";
