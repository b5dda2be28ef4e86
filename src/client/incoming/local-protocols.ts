import type { LocalAddress } from "../process/index.ts";

/** Which HTTP the local programs speak, as the user says it. */
export type LocalProtocol = "auto" | "http1" | "http2";

/** What is known of one program. */
export interface SpokenProtocols {
  readonly http1: "yes" | "no" | "unknown";
  readonly http2: "yes" | "no" | "unknown";
}

const asked: Readonly<Record<LocalProtocol, SpokenProtocols>> = {
  auto: { http1: "unknown", http2: "unknown" },
  http1: { http1: "yes", http2: "no" },
  http2: { http1: "no", http2: "yes" },
};

/**
 * Remembers, per local address, which HTTP the program there was found to speak, until a dial is refused: then another
 * one may be started. What the user says is not asked for and never forgotten.
 */
export class LocalProtocols {
  readonly #known = new Map<string, SpokenProtocols>();
  readonly #said: LocalProtocol;

  constructor(said: LocalProtocol) {
    this.#said = said;
  }

  /** Whether the user has said it: then what is found changes nothing. */
  get areSaid(): boolean {
    return this.#said !== "auto";
  }

  of(local: LocalAddress): SpokenProtocols {
    return this.#known.get(keyOf(local)) ?? asked[this.#said];
  }

  learn(local: LocalAddress, found: Partial<SpokenProtocols>): void {
    if (!this.areSaid) this.#known.set(keyOf(local), { ...this.of(local), ...found });
  }

  forget(local: LocalAddress): void {
    this.#known.delete(keyOf(local));
  }
}

function keyOf(local: LocalAddress): string {
  return `${local.address} ${local.port}`;
}
