import type { Endpoint } from "../../../../../kernel/index.ts";

/** What a program's socket is bound to is called by another name: by its own words. */
export class MovedPorts {
  /** Where a port of the program is in truth. */
  readonly #hostPorts = new Map<string, number>();
  /** What the program has said that is bound to a port of this machine. */
  readonly #claims = new Map<string, Endpoint>();

  /** Where the program's port has been moved to before; undefined when it was not. */
  hostPortOf(protocol: "tcp" | "udp", port: number): number | undefined {
    return this.#hostPorts.get(`${protocol} ${port}`);
  }

  /** What the program has said that is bound to this port of the machine. */
  claimOf(protocol: "tcp" | "udp", hostPort: number): Endpoint | undefined {
    return this.#claims.get(`${protocol} ${hostPort}`);
  }

  remember(protocol: "tcp" | "udp", { claimed, hostPort }: { claimed: Endpoint; hostPort: number }): void {
    if (this.#claims.size >= MAX_CLAIMS) this.#claims.clear();
    this.#claims.set(`${protocol} ${hostPort}`, claimed);
    if (claimed.port !== hostPort) this.#hostPorts.set(`${protocol} ${claimed.port}`, hostPort);
  }

  get isEmpty(): boolean {
    return this.#claims.size === 0;
  }
}

/** Ports that a program has bound to addresses that this machine does not have. */
const MAX_CLAIMS = 4096;
