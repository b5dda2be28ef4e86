import { BroadcastChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Endpoint } from "../../../../../kernel/index.ts";
import type { DecisionMessage } from "../decision-message.ts";
import { isLoopback, keyOfEndpoint, readProgramAddress } from "../program-address.ts";
import { KnownRelay } from "./known-relay.ts";
import type { SocketBook } from "./socket-book.ts";

/** What the main thread has decided, as far as it was told. */
export class Decisions {
  readonly #channel: MessagePort;
  readonly #book: SocketBook;
  readonly #relays = new Map<number, KnownRelay>();

  constructor({ channel, book }: { channel: string; book: SocketBook }) {
    // Messages of a BroadcastChannel can be received like those of a port (worker_threads), which its type does not say.
    this.#channel = new BroadcastChannel(channel).unref() as unknown as MessagePort;
    this.#book = book;
  }

  /** Takes what has been told since; costs next to nothing when that is nothing. */
  hear(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#channel);
      if (received === undefined) return;
      // Only the main thread's half of this module writes to this channel.
      this.#take(received.message as DecisionMessage);
    }
  }

  /** Who in the pod a place on loopback stands for; undefined when it is none of ours. @param name as struct sockaddr */
  behind(name: Uint8Array): Endpoint | undefined {
    const address = readProgramAddress(name);
    if (address.kind !== "ip" || !isLoopback(address.endpoint)) return undefined;
    const key = KnownRelay.keyOf(address.endpoint);
    if (!this.#relays.has(key)) this.hear();
    return this.#relays.get(key)?.remote;
  }

  #take(message: DecisionMessage): void {
    switch (message.what) {
      case "relay":
        this.#relays.set(KnownRelay.keyOf(message.at), new KnownRelay(message));
        return;
      case "relay-closed": {
        const key = KnownRelay.keyOf(message.at);
        const relay = this.#relays.get(key);
        if (relay !== undefined) relay.isOpen = false;
        this.#relays.delete(key);
        return;
      }
      case "way": {
        const { relay, to } = message;
        const known = relay === null ? null : this.#relays.get(KnownRelay.keyOf(relay));
        if (known !== undefined) this.#book.open(message).decide(keyOfEndpoint(to), known);
        return;
      }
      case "gone":
        for (const inode of message.inodes) this.#book.forget(inode);
        return;
    }
  }
}
