export { type Listener, Recording, Trace, type TracedExchange } from "./trace.ts";
