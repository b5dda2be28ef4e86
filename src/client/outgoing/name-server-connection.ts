import type { Endpoint } from "../../kernel/index.ts";
import type { Peer, PeerOwner } from "../../socket/index.ts";
import type { NameServer } from "./name-server.ts";
import { nearPeer } from "./near-peer.ts";
import type { FarEnd, NearEnd } from "./outgoing.ts";

/** Questions that are under way on one connection; the next is read when one of them is answered (RFC 7766 §6.2.1.1). */
const MAX_QUESTIONS = 32;
const LENGTH_BYTES = 2;
const MAX_MESSAGE_BYTES = 65_535;

/**
 * A name server at the far end of a TCP connection, that is {@link NameServer}: each message has its length before it
 * (RFC 1035 §4.2.2), and answers come as they are found.
 */
export class NameServerConnection implements FarEnd, PeerOwner {
  readonly #nameServer: NameServer;
  readonly #server: Endpoint;
  #near: Peer | undefined;
  /** Read and not taken apart yet; at most one read and one message. */
  #unread: Buffer = Buffer.alloc(0);
  #questions = 0;
  #isFull = false;
  #isEnded = false;
  #isClosed = false;

  constructor(nameServer: NameServer, server: Endpoint) {
    this.#nameServer = nameServer;
    this.#server = server;
  }

  join(near: NearEnd): void {
    this.#near = nearPeer(near, this);
  }

  abandon(): void {
    // Nothing was opened.
  }

  onConnected(): void {
    // It came open.
  }

  onBytes(_peer: Peer, bytes: Buffer, length: number): void {
    this.#unread = Buffer.concat([this.#unread, bytes.subarray(0, length)]);
    this.#take();
  }

  onEnd(): void {
    this.#isEnded = true;
    this.#take();
  }

  onDrain(): void {
    this.#isFull = false;
    this.#take();
  }

  onClosed(): void {
    this.#isClosed = true;
  }

  get #hasRoom(): boolean {
    return this.#questions < MAX_QUESTIONS && !this.#isFull;
  }

  /** Asks what has come whole, as long as there is room. */
  #take(): void {
    while (this.#hasRoom && this.#unread.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#unread.readUInt16BE(0);
      if (this.#unread.length < end) break;
      this.#ask(this.#unread.subarray(LENGTH_BYTES, end));
      this.#unread = this.#unread.subarray(end);
    }
    if (this.#hasRoom) this.#near?.resume();
    else this.#near?.pause();
    if (this.#isEnded && this.#questions === 0) this.#near?.end();
  }

  #ask(question: Buffer): void {
    this.#questions++;
    this.#nameServer.answer(question, "tcp", this.#server).then(
      (answer) => this.#answered(answer),
      // Who waits for an answer hears that there is none.
      () => this.#near?.reset(),
    );
  }

  #answered(answer: Buffer | undefined): void {
    this.#questions--;
    if (this.#isClosed) return;
    if (answer === undefined || answer.length > MAX_MESSAGE_BYTES) return this.#near?.reset();
    const message = Buffer.allocUnsafe(LENGTH_BYTES + answer.length);
    message.writeUInt16BE(answer.length, 0);
    message.set(answer, LENGTH_BYTES);
    if (this.#near?.write(message) === false) this.#isFull = true;
    this.#take();
  }
}
