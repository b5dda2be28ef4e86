import { decodeSockaddr, encodeSockaddr, type Endpoint } from "../../../../kernel/index.ts";

/** An address that the program has given to a call, as far as anybody here decides about it. */
export type ProgramAddress =
  /** AF_UNSPEC, which takes a connection back (connect(2)). */
  | { readonly kind: "nowhere" }
  /** Of unix(7), bytes as latin-1; an abstract name begins with NUL. */
  | { readonly kind: "unix"; readonly path: string }
  /** IPv6-mapped IPv4 is given as IPv4. */
  | { readonly kind: "ip"; readonly written: 4 | 6; readonly endpoint: Endpoint }
  /** Of another family, or too short: the kernel knows what to say. */
  | { readonly kind: "other" };

const AF_UNSPEC = 0;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCKADDR_IN_BYTES = 16;
/** Without sin6_scope_id, which the kernel takes as well (SIN6_LEN_RFC2133). */
const SHORT_SOCKADDR_IN6_BYTES = 24;

/** Reads a struct sockaddr of any kind. */
export function readProgramAddress(bytes: Uint8Array): ProgramAddress {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 2) return { kind: "other" };
  switch (view.readUInt16LE(0)) {
    case AF_UNSPEC:
      return { kind: "nowhere" };
    case AF_UNIX:
      return unixAddress(view.subarray(2));
    case AF_INET:
      if (view.length < SOCKADDR_IN_BYTES) return { kind: "other" };
      return { kind: "ip", written: 4, endpoint: decodeSockaddr(view) };
    case AF_INET6:
      if (view.length < SHORT_SOCKADDR_IN6_BYTES) return { kind: "other" };
      return { kind: "ip", written: 6, endpoint: decodeSockaddr(view) };
    default:
      return { kind: "other" };
  }
}

function unixAddress(path: Buffer): ProgramAddress {
  // Of no length at all it is unnamed, and nobody connects to it.
  if (path.length === 0) return { kind: "other" };
  if (path[0] === 0) return { kind: "unix", path: path.toString("latin1") };
  const end = path.indexOf(0);
  return { kind: "unix", path: path.subarray(0, end === -1 ? path.length : end).toString("latin1") };
}

/** An address as a program with such a socket sees it: on a socket of IPv6, IPv4 is mapped (RFC 4291 §2.5.5.2). */
export function addressForSocket(endpoint: Endpoint, family: 4 | 6): Uint8Array {
  return encodeSockaddr(
    family === 6 && endpoint.family === 4
      ? { family: 6, address: `::ffff:${endpoint.address}`, port: endpoint.port }
      : endpoint,
  );
}

/** Where a program wants to go that says 0.0.0.0 or `::`: to this host, as Linux takes it. */
export function destinationOf(endpoint: Endpoint): Endpoint {
  if (endpoint.family === 4 && endpoint.address === "0.0.0.0") return { ...endpoint, address: "127.0.0.1" };
  if (endpoint.family === 6 && endpoint.address === "::") return { ...endpoint, address: "::1" };
  return endpoint;
}

export function isAnyAddress(endpoint: Endpoint): boolean {
  return endpoint.address === "0.0.0.0" || endpoint.address === "::";
}

export function isLoopback(endpoint: Endpoint): boolean {
  return endpoint.family === 4 ? endpoint.address.startsWith("127.") : endpoint.address === "::1";
}

/** Whether it means something on one link only: groups, broadcasts, and what has a zone (RFC 4007). The pod's links are far. */
export function isOfOneLink({ family, address }: Endpoint): boolean {
  if (family === 6) return /^(?:ff|fe[89ab])/.test(address);
  const first = Number(address.split(".", 1)[0]);
  return (first >= 224 && first < 240) || address === "255.255.255.255";
}

/** For tables. */
export function keyOfEndpoint({ family, address, port }: Endpoint): string {
  return `${family} ${address} ${port}`;
}
