import type { LocalGate } from "../incoming/index.ts";
import type { Listener, LocalAddress } from "../process/index.ts";
import type { ListeningPort } from "../sandbox/sandbox.ts";

/** Which ports the program listens on, as the sandbox tells it: nothing is delivered to others. */
export class ProgramPorts implements LocalGate {
  readonly #open = new Map<number, ListeningPort>();

  opened(port: ListeningPort): void {
    this.#open.set(port.port, port);
  }

  closed(port: number): void {
    this.#open.delete(port);
  }

  get(port: number): ListeningPort | undefined {
    return this.#open.get(port);
  }

  all(): ListeningPort[] {
    return [...this.#open.values()];
  }

  isStillUp({ port }: LocalAddress): boolean {
    return this.#open.has(port);
  }

  look({ port }: LocalAddress): Promise<Listener> {
    return Promise.resolve(this.#open.has(port) ? { state: "up", owner: undefined } : { state: "down" });
  }
}
