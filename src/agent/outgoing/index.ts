export { Outgoing } from "./outgoing.ts";
