/** What is measured: three ways to carry many exchanges between two processes. */
export const wayNames = ["tunnel", "http2", "pool"] as const;
export type WayName = (typeof wayNames)[number];

/** Where the answering end listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The end that asks. */
export interface Asker {
  /** Asks for so many bytes in an exchange of its own, and settles when all of them came. */
  ask(bytes: number): Promise<void>;
}

/** Both ends of one way; each end lives in a process of its own, which ends it. */
export interface Way {
  /** Answers on a free port of this address. */
  serve(host: string): Promise<Endpoint>;
  /** Connects, and is ready to ask. */
  open(endpoint: Endpoint): Promise<Asker>;
}
