import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const TAKE_ATTEMPTS = 10;
const TAKE_EVERY_MS = 50;

/** Somebody is the agent of this network namespace already. */
export class AlreadyRunning extends Error {
  override readonly name = "AlreadyRunning";
}

/**
 * Becomes the agent that serves this network namespace, until what it gives is closed. One that is just leaving gives the
 * namespace free in a moment.
 * @throws AlreadyRunning
 */
export async function takeNamespaceSoon(): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await takeNamespace();
    } catch (error) {
      if (!(error instanceof AlreadyRunning) || attempt === TAKE_ATTEMPTS) throw error;
      await delay(TAKE_EVERY_MS);
    }
  }
}

/**
 * One agent for each network namespace. Abstract names belong to the network namespace and vanish with their process
 * (unix(7)), so that neither a crash nor a race of two starts leaves anything to clean up.
 */
async function takeNamespace(): Promise<Server> {
  const mutex = createServer((socket) => socket.destroy());
  mutex.listen("\0magpie-agent");
  try {
    await once(mutex, "listening");
    return mutex;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause; // As above.
    throw new AlreadyRunning("an agent runs in this network namespace already", { cause });
  }
}
