export {
  type DatagramEvents,
  type DatagramPort,
  type Destination,
  type FarEnd,
  NetworkError,
  type Outgoing,
} from "./outgoing.ts";
