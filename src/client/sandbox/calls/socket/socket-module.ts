import { randomUUID } from "node:crypto";
import type { Outgoing } from "../../../outgoing/index.ts";
import type { CallModule } from "../../supervisor/supervisor.ts";
import type { HeldSyscall } from "../../supervisor/held-syscall.ts";
import { TcpDials } from "./slow/tcp-dials.ts";
import type { SocketConfig, SocketErrorAbout } from "./socket-config.ts";

/** SOL_SOCKET and SO_ERROR (socket(7)). */
const asksForError: HeldSyscall = {
  name: "getsockopt",
  when: [
    { argument: 1, bits: 32, is: "equal-to", value: 1n },
    { argument: 2, bits: 32, is: "equal-to", value: 4n },
  ],
};

export interface SocketModuleOptions {
  readonly outgoing: Outgoing;
}

/** The module for the supervisor that answers calls about sockets; it is to be disposed behind the supervisor. */
export class SocketModule implements CallModule, Disposable {
  readonly url = new URL("./fast/socket-handlers.ts", import.meta.url);
  readonly config: SocketConfig;
  readonly syscalls: readonly HeldSyscall[] = ["connect", "getpeername", asksForError];
  readonly slow: CallModule["slow"];
  readonly #tcp: TcpDials;

  constructor({ outgoing }: SocketModuleOptions) {
    this.#tcp = new TcpDials({ outgoing });
    this.config = {
      channel: `magpie-sockets-${randomUUID()}`,
      network: { podAddresses: [], silentPorts: this.#tcp.silentPorts },
    };
    this.slow = { "connect-tcp": this.#tcp.connect, "socket-error": this.#tcp.socketError };
  }

  onTold(kind: string, about: unknown): void {
    // What the fast side tells is what this module's own other half has written.
    if (kind === "taken-back") this.#tcp.takenBack(about as SocketErrorAbout);
  }

  [Symbol.dispose](): void {
    this.#tcp[Symbol.dispose]();
  }
}
