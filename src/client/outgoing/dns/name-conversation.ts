import { once } from "node:events";
import type { Socket } from "node:net";
import type { Endpoint } from "../../../kernel/index.ts";
import type { FarEnd } from "../outgoing.ts";
import { MessageFrames } from "./message-frames.ts";
import type { NameService } from "./name-service.ts";

/** Questions of one connection that are answered at once (RFC 7766 §6.2.1.1); then reading stops. */
const MAX_UNDER_WAY = 32;

/**
 * The far end of a program's TCP connection to a name server: answers its questions in the order in which answers come (RFC 7766
 * §7). Ends when the program does and all is answered.
 */
export class NameConversation implements FarEnd {
  readonly #service: NameService;
  readonly #server: Endpoint;

  constructor(service: NameService, server: Endpoint) {
    this.#service = service;
    this.#server = server;
  }

  /** @param near one that may be half closed: a program may end its side before it has read all answers */
  join(near: Socket): void {
    near.on("error", () => near.destroy());
    this.#serve(near).then(
      () => near.end(),
      () => near.destroy(), // The program has gone, or speaks something else.
    );
  }

  abandon(): void {
    // Nothing was begun.
  }

  async #serve(near: Socket): Promise<void> {
    const frames = new MessageFrames();
    const underWay = new Set<Promise<void>>();
    // A socket without an encoding gives bytes; with half of it closed, the other half still takes answers.
    for await (const chunk of near.iterator({ destroyOnReturn: false })) {
      for (const message of frames.push(chunk as Buffer)) {
        if (message.length === 0) throw new Error("a message of no length");
        const answered = this.#answer(near, message)
          .catch(() => void near.destroy())
          .finally(() => underWay.delete(answered));
        underWay.add(answered);
        if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
      }
    }
    await Promise.all(underWay);
  }

  async #answer(near: Socket, message: Buffer): Promise<void> {
    const answer = await this.#service.answer(message, "tcp", this.#server);
    if (answer === undefined) throw new Error("no query");
    if (!near.writable || near.write(MessageFrames.framed(answer))) return;
    await Promise.race([once(near, "drain"), once(near, "close")]);
  }
}
