import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";

/** How the local program is spoken to in TLS. */
export interface LocalTls {
  /** Certificates in PEM that its own must lead to; null takes any certificate. */
  readonly ca: string | null;
}

/** TLS for one connection. */
export interface TlsRequest extends LocalTls {
  readonly serverName: string;
  /** What is offered (RFC 7301), the most wanted first. */
  readonly protocols: readonly ("h2" | "http/1.1")[];
}

/** Puts TLS on a socket that may still be dialling. */
export function wrapInTls(socket: Duplex, request: TlsRequest): TLSSocket {
  return connect({
    socket,
    servername: request.serverName,
    ALPNProtocols: [...request.protocols],
    rejectUnauthorized: request.ca !== null,
    ...(request.ca === null ? {} : { ca: request.ca }),
  });
}

/**
 * The name to ask the local program for: the one that the caller asked for, else the host that the request names, else
 * `localhost`. An address is no name (RFC 6066 §3).
 */
export function serverNameFor(about: { asked: string | null; authority: string }): string {
  const host = about.authority.replace(/:\d*$/, "");
  const isName = /^[a-z0-9_.-]+$/i.test(host) && isIP(host) === 0;
  return about.asked ?? (isName ? host : "localhost");
}
