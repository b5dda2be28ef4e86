import { closeDescriptor, takenSocket, UnixPairs } from "../../../../../kernel/index.ts";
import { NetworkError, type Outgoing } from "../../../../outgoing/index.ts";
import type { SlowCaller, SlowHandler, Verdict } from "../../../supervisor/index.ts";
import { intOf } from "../fast/socket-of-call.ts";
import type { ConnectUnixAbout } from "../socket-config.ts";

const CONTINUE: Verdict = { as: "continue" };

/** connect(2) of sockets of unix(7) to the pod, or out of a network namespace. */
export class UnixDials implements Disposable {
  readonly #outgoing: Outgoing;
  readonly #pairs = new UnixPairs();

  constructor({ outgoing }: { outgoing: Outgoing }) {
    this.#outgoing = outgoing;
  }

  readonly connect: SlowHandler<ConnectUnixAbout> = async (call, about, caller) => {
    const fd = caller.takeDescriptor(intOf(call.args[0]));
    if (fd === null) return CONTINUE;
    try {
      if (takenSocket.socketCookie(fd) !== about.cookie || takenSocket.peerName(fd) !== null) return CONTINUE;
      const errno = about.address === null ? null : takenSocket.beginConnecting(fd, about.address);
      // Somebody is there, in the program's own namespace; or there is, and is busy.
      if (about.address !== null && errno === null) return { as: "value", value: 0 };
      if (errno !== null && errno !== "ECONNREFUSED") return CONTINUE;
      return await this.#dial(fd, about, caller);
    } finally {
      closeDescriptor(fd);
    }
  };

  [Symbol.dispose](): void {
    this.#pairs[Symbol.dispose]();
  }

  async #dial(fd: number, { path, type }: ConnectUnixAbout, caller: SlowCaller): Promise<Verdict> {
    const signal = caller.interrupted;
    try {
      const farEnd = await this.#outgoing.connect({ protocol: "unix", path, type }, { signal });
      let near: number | string = "ECONNABORTED";
      try {
        near = this.#pairs.connect(fd);
      } finally {
        if (typeof near === "number") farEnd.join(near);
        else farEnd.abandon();
      }
      return typeof near === "string" ? { as: "errno", errno: near } : { as: "value", value: 0 };
    } catch (error) {
      if (error instanceof NetworkError) return { as: "errno", errno: error.errno };
      if (signal.aborted) return { as: "errno", errno: "EINTR" };
      throw error;
    }
  }
}
