import { type FarEnd, NetworkError, type Outgoing } from "../../../../outgoing/index.ts";
import type { Endpoint } from "../../../../../kernel/index.ts";
import type { WaitingSocket } from "./waiting-socket.ts";

/** What became of it: the kernel shall look at the socket, which tells, or connect(2) fails with this errno. */
export type DialOutcome = { readonly at: "connected" } | { readonly at: "failed"; readonly errno: string };

type State =
  | { readonly at: "dialling" }
  | DialOutcome
  /** Nobody wants to know any more. */
  | { readonly at: "given-up" };

/**
 * A socket of the program on its way to the pod: `dialling` → `connected`, `failed` or `given-up`. The far end is dialled
 * first, and only when it has accepted the program's socket is connected to us.
 *
 * Those who wait in connect(2) are told by `outcome`. Those who do not wait have a socket that tries to connect, is
 * connected, or fails, in the kernel's eyes.
 */
export class TcpDial {
  readonly cookie: bigint;
  readonly outcome: Promise<DialOutcome>;
  readonly socket: WaitingSocket;
  readonly #to: Endpoint;
  readonly #giveUp = new AbortController();
  #state: State = { at: "dialling" };
  #waiting = 0;
  #isTold = false;

  constructor(parts: { cookie: bigint; to: Endpoint; socket: WaitingSocket; outgoing: Outgoing }) {
    this.cookie = parts.cookie;
    this.socket = parts.socket;
    this.#to = parts.to;
    this.outcome = this.#dial(parts.outgoing);
  }

  get state(): State {
    return this.#state;
  }

  /** Waits in connect(2), as it were, until the outcome is there or `until` settles: then undefined. */
  async wait(until: Promise<undefined>): Promise<DialOutcome | undefined> {
    this.#waiting++;
    try {
      return await Promise.race([this.outcome, until]);
    } finally {
      this.#waiting--;
    }
  }

  /** Whether somebody has waited for the outcome when it came. */
  get isTold(): boolean {
    return this.#isTold;
  }

  get isWaitedFor(): boolean {
    return this.#waiting > 0;
  }

  /** Lets the socket try, for whoever does not wait in connect(2) any more. Gives an errno when it cannot. */
  begin(): string | null {
    return this.socket.begin(this.#to.family);
  }

  /** Nobody is left who could use it. */
  giveUp(): void {
    if (this.#state.at === "dialling") this.#state = { at: "given-up" };
    this.#giveUp.abort();
  }

  async #dial(outgoing: Outgoing): Promise<DialOutcome> {
    try {
      const to = { protocol: "tcp", endpoint: this.#to } as const;
      const farEnd = await outgoing.connect(to, { signal: this.#giveUp.signal });
      return this.#end(this.#join(farEnd));
    } catch (error) {
      this.#isTold = this.#waiting > 0;
      if (this.#isTold) this.socket.forget();
      else this.socket.refuse();
      return this.#end({ at: "failed", errno: errnoOf(error) });
    } finally {
      this.socket.close();
    }
  }

  #join(farEnd: FarEnd): DialOutcome {
    if (this.#state.at !== "dialling") {
      farEnd.abandon();
      return { at: "failed", errno: "ECONNABORTED" };
    }
    try {
      const errno = this.begin();
      const near = errno === null ? this.socket.meet() : undefined;
      if (near === undefined) farEnd.abandon();
      else farEnd.join(near);
      return errno === null ? { at: "connected" } : { at: "failed", errno };
    } catch (error) {
      farEnd.abandon();
      throw error;
    }
  }

  #end(outcome: DialOutcome): DialOutcome {
    if (this.#state.at !== "dialling") return outcome;
    this.#state = outcome;
    return outcome;
  }
}

/** @throws the error itself, when it is not of the network */
function errnoOf(error: unknown): string {
  if (error instanceof NetworkError) return error.errno;
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return "ECONNABORTED";
}
