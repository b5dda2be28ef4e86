import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { AlreadyRunning, takeNamespaceSoon } from "./namespace-mutex.ts";

/** Abstract names begin with NUL; the kernel's table shows it as `@`. */
const PREFIX = "magpie-guest-";

/**
 * One agent among those that are in a network namespace: one serves, others may still drain. All of them use the same way
 * back for connections that keep their client's address; who leaves last takes it away.
 *
 * Told by an abstract socket name for each, which belongs to the network namespace and vanishes with its process (unix(7)).
 */
export class NamespaceGuest {
  readonly #presence: Server;

  private constructor(presence: Server) {
    this.#presence = presence;
  }

  static async enter(): Promise<NamespaceGuest> {
    const presence = createServer((socket) => socket.destroy());
    presence.listen(`\0${PREFIX}${randomBytes(8).toString("hex")}`);
    await once(presence, "listening");
    return new NamespaceGuest(presence);
  }

  /** Leaves, and does `clean` when no other agent is here. Call it when the own admin socket is closed, once. */
  async leave(clean: () => Promise<void>): Promise<"cleaned" | "others-are-here"> {
    let mutex: Server;
    try {
      mutex = await takeNamespaceSoon();
    } catch (error) {
      if (!(error instanceof AlreadyRunning)) throw error;
      // Whoever serves cleans up when it goes.
      await closed(this.#presence);
      return "others-are-here";
    }
    try {
      await closed(this.#presence);
      if (areOthersHere()) return "others-are-here";
      await clean();
      return "cleaned";
    } finally {
      await closed(mutex);
    }
  }
}

/** What cannot be seen may be there: rules that nobody uses do nothing, rules that are missing cut connections. */
function areOthersHere(): boolean {
  try {
    return readFileSync("/proc/self/net/unix", "latin1").includes(` @${PREFIX}`);
  } catch {
    return true;
  }
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}
