export { type FilterFlags, filterOfFlags } from "./filter-flags.ts";
export { findProgram, type LocalProgram } from "./local-program.ts";
export { type LocalSpeechFlags, localSpeechOf } from "./local-speech.ts";
export { formatAddress, parseLocalHost, parsePortMapping, type PortMapping } from "./port-mapping.ts";
export { type TlsFlags, tlsOfFlags, type TlsPlan } from "./tls-flags.ts";
