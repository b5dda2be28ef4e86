import {
  type Accepted,
  closeDescriptor,
  type Endpoint,
  formatEndpoint,
  localEndpoint,
  readPacketLog,
  type ReadableWatch,
  resetOnClose,
  watchReadable,
} from "../../../kernel/index.ts";
import { type FarEnd, NetworkError, type Outgoing } from "../../outgoing/index.ts";
import { PatientListeners } from "./patient-listeners.ts";
import { unreachablePacket } from "./packet/icmp-packet.ts";
import { openingAgain, type OpeningPacket, readOpening, refusalOf } from "./packet/tcp-packet.ts";

/** Connections that may be on their way at once; of more, the kernel asks again in a second. */
const MAX_OPENINGS = 4_096;
/** The kernel does the rest of the handshake by itself, at once: who has not come by then does not come. */
const ACCEPT_TIME_MS = 1_000;
/**
 * A socket that is connecting sends its first packet again after 1 s, at most four times, then after twice the last time
 * (tcp_syn_linear_timeouts, tcp_syn_retries; tcp(7)). Three times the last time of silence: it is closed.
 */
const MIN_SILENCE_MS = 4_000;
const SILENCE_FACTOR = 3;
const LOOK_MS = 1_000;
/** Of a first packet, what is sent back with an error. */
const QUOTED_BYTES = 128;

/**
 * A connection of the program from its first packet on: dialling → approved → (joined); dialling → refused; dialling →
 * timed-out. In each of them it may be given up: closed by the program, or begun anew.
 */
interface Opening {
  readonly packet: OpeningPacket;
  readonly abort: AbortController;
  at: "dialling" | "approved" | "timed-out";
  farEnd?: FarEnd;
  approvedMs: number;
  seenMs: number;
  lastGapMs: number;
}

export interface TcpFlowParts {
  readonly outgoing: Pick<Outgoing, "connect">;
  /** Sockets of the namespace; owned from here on. */
  readonly listeners: readonly number[];
  readonly packetLog: number;
  /** Sends a packet into the namespace: one that may reach the listeners, or an answer to the program. */
  readonly send: (packet: Buffer, as: "approved" | "answer", to: Endpoint) => void;
  readonly onFault: (error: unknown) => void;
}

/**
 * The program's TCP connections. The first packet of each is held back until its far end has been dialled; then it reaches
 * our listener, and the program's connect(2) succeeds; or an answer makes it fail, with the errno that the far end gave.
 */
export class TcpFlows implements Disposable {
  readonly #parts: TcpFlowParts;
  readonly #openings = new Map<string, Opening>();
  readonly #listeners: PatientListeners;
  readonly #log: ReadableWatch;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = true;

  constructor(parts: TcpFlowParts) {
    this.#parts = parts;
    const { packetLog, listeners, onFault } = parts;
    this.#log = watchReadable(packetLog, () => this.#readOpenings());
    const onAccepted = ({ fd, peer }: Accepted): void => this.#join(fd, peer);
    this.#listeners = new PatientListeners({ listeners, onAccepted, onFault });
  }

  /** Connections that are joined go on; what is being dialled is given up. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearInterval(this.#timer);
    this.#log.close();
    closeDescriptor(this.#parts.packetLog);
    this.#listeners[Symbol.dispose]();
    for (const [key, opening] of this.#openings) this.#giveUp(key, opening);
  }

  #readOpenings(): void {
    try {
      readPacketLog(this.#parts.packetLog, (bytes) => {
        const packet = readOpening(bytes);
        if (packet !== undefined) this.#opens(packet);
      });
    } catch (error) {
      this.#parts.onFault(error);
    }
  }

  #opens(packet: OpeningPacket): void {
    const key = keyOf(packet.source, packet.destination);
    const known = this.#openings.get(key);
    const nowMs = performance.now();
    if (known?.packet.sequence === packet.sequence) {
      known.lastGapMs = nowMs - known.seenMs;
      known.seenMs = nowMs;
      // It did not get through: the listener's queue was full.
      if (known.at === "approved") this.#approve(known);
      return;
    }
    if (known !== undefined) this.#giveUp(key, known);
    if (this.#openings.size >= MAX_OPENINGS) return;
    const opening: Opening = {
      packet: { ...packet, bytes: Buffer.from(packet.bytes) },
      abort: new AbortController(),
      at: "dialling",
      approvedMs: 0,
      seenMs: nowMs,
      lastGapMs: 0,
    };
    this.#openings.set(key, opening);
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    void this.#dial(key, opening);
  }

  async #dial(key: string, opening: Opening): Promise<void> {
    const to = { protocol: "tcp", endpoint: opening.packet.destination } as const;
    const { signal } = opening.abort;
    try {
      const farEnd = await this.#parts.outgoing.connect(to, { signal });
      if (this.#openings.get(key) !== opening) return farEnd.abandon();
      opening.farEnd = farEnd;
      opening.at = "approved";
      this.#approve(opening);
    } catch (error) {
      if (this.#openings.get(key) !== opening) return;
      if (!(error instanceof NetworkError)) this.#parts.onFault(error);
      this.#refuse(key, opening, error instanceof NetworkError ? error.errno : "ENETUNREACH");
    }
  }

  #approve(opening: Opening): void {
    opening.approvedMs = performance.now();
    this.#parts.send(openingAgain(opening.packet), "approved", opening.packet.destination);
  }

  #refuse(key: string, opening: Opening, errno: string): void {
    // Nothing makes a connect time out but time: the program's socket has its own. Until then its packets are known.
    if (errno === "ETIMEDOUT") {
      opening.at = "timed-out";
      return;
    }
    this.#openings.delete(key);
    const { packet } = opening;
    const isRefused = errno === "ECONNREFUSED" || errno === "ECONNRESET";
    const answer = isRefused
      ? refusalOf(packet)
      : unreachablePacket({ about: packet.bytes.subarray(0, QUOTED_BYTES), errno });
    this.#parts.send(answer, "answer", packet.source);
  }

  #join(fd: number, peer: Endpoint): void {
    const key = keyOf(peer, localEndpoint(fd));
    const opening = this.#openings.get(key);
    if (opening?.farEnd === undefined) {
      // Nobody has approved it: a packet of our own making, or one whose time was over.
      resetOnClose(fd);
      return closeDescriptor(fd);
    }
    this.#openings.delete(key);
    opening.farEnd.join(fd);
  }

  /** Gives up what nobody waits for any more. */
  #look(): void {
    const nowMs = performance.now();
    for (const [key, opening] of this.#openings) {
      const silenceMs = Math.max(MIN_SILENCE_MS, SILENCE_FACTOR * opening.lastGapMs);
      const isOver =
        opening.at === "approved"
          ? nowMs - opening.approvedMs > ACCEPT_TIME_MS
          : nowMs - opening.seenMs > silenceMs;
      if (isOver) this.#giveUp(key, opening);
    }
    if (this.#openings.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #giveUp(key: string, opening: Opening): void {
    this.#openings.delete(key);
    if (opening.farEnd !== undefined) opening.farEnd.abandon();
    else opening.abort.abort();
  }
}

function keyOf(program: Endpoint, far: Endpoint): string {
  return `${formatEndpoint(program)} ${formatEndpoint(far)}`;
}
