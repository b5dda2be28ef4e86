export { AppLayer } from "./app-layer.ts";
export { CallerHandshake } from "./caller-handshake.ts";
export { BadCertificate } from "./errors.ts";
export { HANDSHAKE_MS } from "./handshake-time.ts";
export type { Layer, Laying } from "./layer.ts";
export { TlsTerms } from "./tls-terms.ts";
