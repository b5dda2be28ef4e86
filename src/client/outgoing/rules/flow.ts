/** A flow that is decided about: what a program wants to reach, and what is known of it. */
export type Flow = HostFlow | UnixFlow;

/** Over TCP or UDP. Undefined is what nobody knows yet, since nothing runs: `magpie explain`. */
export interface HostFlow {
  readonly kind: "host";
  readonly protocol: "tcp" | "udp" | undefined;
  /** A literal. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Under which names the program has found the address; undefined when that is not known. */
  readonly names: readonly FlowName[] | undefined;
}

/** A name of an address. */
export interface FlowName {
  readonly name: string;
  /** Who was asked for it: name servers of this machine, or the pod's. An address of one may be nobody to the other. */
  readonly foundBy: "local" | "remote";
}

/** A socket of unix(7). */
export interface UnixFlow {
  readonly kind: "unix";
  /** Absolute and in bytes as latin-1; an abstract name begins with NUL. */
  readonly path: string;
}
