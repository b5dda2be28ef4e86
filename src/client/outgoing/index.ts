export {
  type DatagramEvents,
  type DatagramPort,
  type Destination,
  type FarEnd,
  type NearEnd,
  NetworkError,
  type Outgoing,
  type UnixDestination,
} from "./outgoing.ts";
export type { NameServer } from "./name-server.ts";
export { type NameFiles, ProgramNames, type ProgramNamesOptions } from "./program-names.ts";
export type { OpenStream } from "./remote-connection.ts";
export { RemoteNetwork } from "./remote-network.ts";
export { RuledOutgoing } from "./ruled-outgoing.ts";
export { type Way, Ways } from "./ways.ts";
