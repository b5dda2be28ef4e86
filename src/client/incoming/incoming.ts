import { EventEmitter, once } from "node:events";
import { decodeOpening, type Opening, ProtocolError, type ResetCode } from "../../protocol/index.ts";
import type { Listener, LocalAddress } from "../process/index.ts";
import { Deliveries, type LocalSpeech } from "./deliveries.ts";
import { CountedStream } from "./counted-stream.ts";
import type { Exchange, ExchangeOutcome } from "./exchange.ts";
import type { ExchangeEvents, ExchangeStream } from "./exchange-stream.ts";
import type { TapPlace } from "./exchange-tap.ts";
import { HeldExchange } from "./held-exchange.ts";
import type { DialledSocket } from "./local-connection.ts";
import { TcpExchange } from "./tcp-exchange.ts";

/** How many requests there may be, where several sessions share a bound. */
export interface Quota {
  /** Whether all are taken, or would be if all offers were. */
  isOffered(subscription: number): boolean;
  /** Undefined when there is no room. */
  offer(subscription: number): Offer | undefined;
}

/** One of them. It counts from `take` on; given back before that, it is nobody's. Both may be called again, and do nothing then. */
export interface Offer {
  take(): void;
  giveBack(): void;
}

/** Who may have requests, and who wants to know that somebody had one. `LocalWatch` is one. */
export interface LocalGate {
  isStillUp(local: LocalAddress): boolean;
  look(local: LocalAddress): Promise<Listener>;
}

/**
 * Delivers what the agent has stolen to the local program, one exchange per tunnel stream.
 *
 * With `mustBeUp` a stream is delivered only to a listener that the gate allows: nothing is sent to a stranger's process.
 * Without it whoever listens gets it. A stream of a subscription that is not ours, or with a head that cannot be read, is
 * reset.
 */
export class Incoming implements Disposable {
  readonly #localOf: (subscription: number) => LocalAddress | undefined;
  readonly #gate: LocalGate;
  readonly #mustBeUp: boolean;
  readonly #deliveries: Deliveries;
  readonly #socketFor: (local: LocalAddress) => DialledSocket | LocalAddress;
  readonly #exchanges = new Map<object, Exchange>();
  readonly #changes = new EventEmitter();
  readonly #onTaken: ((subscription: number) => void) | undefined;
  readonly #quota: Quota | undefined;
  readonly #tapPlace: TapPlace | undefined;

  constructor(options: {
    localOf: (subscription: number) => LocalAddress | undefined;
    gate: LocalGate;
    mustBeUp: boolean;
    speech: LocalSpeech;
    /** A program takes connections and does not say which HTTP it speaks; told once for each address. */
    onSilence: (local: LocalAddress) => void;
    /** The program has an exchange of this subscription, or may have: it counts against a bound. */
    onTaken?: ((subscription: number) => void) | undefined;
    /** Where a bound counts over several sessions, whether there is room in it; without it the agent counts alone. */
    quota?: Quota | undefined;
    /** Dials another way; without it, TCP from here. */
    socketFor?: ((local: LocalAddress) => DialledSocket) | undefined;
    /** Where somebody may look at exchanges. */
    tapPlace?: TapPlace | undefined;
  }) {
    const { socketFor } = options;
    this.#tapPlace = options.tapPlace;
    this.#onTaken = options.onTaken;
    this.#quota = options.quota;
    this.#socketFor = socketFor ?? ((local) => local);
    this.#localOf = options.localOf;
    this.#gate = options.gate;
    this.#mustBeUp = options.mustBeUp;
    this.#deliveries = new Deliveries({ ...options.speech, onSilence: options.onSilence, socketFor });
  }

  /** How many exchanges are under way. */
  get count(): number {
    return this.#exchanges.size;
  }

  /** Whether a request of this subscription would be refused, since its bound is reached, or would be by what is offered. */
  isAtBound(subscription: number): boolean {
    return this.#quota?.isOffered(subscription) === true;
  }

  /** Takes a new stream; what it gives hears the stream's events. */
  open(stream: ExchangeStream, payload: Buffer): ExchangeEvents {
    try {
      return this.deliver(stream, decodeOpening(payload));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return refuse(stream, "protocol-error", error.message);
    }
  }

  /** The same for one whose opening has been read. */
  deliver(stream: ExchangeStream, opening: Opening): ExchangeEvents {
    const tap = this.#tapPlace?.tap;
    if (tap === undefined) return this.#deliver(stream, opening);
    return tap.exchange({ stream, opening, deliver: (tapped) => this.#deliver(tapped, opening) });
  }

  /** The same for one that nobody has sent but we: no bound counts it, and nobody looks at it here. */
  deliverOwn(stream: ExchangeStream, opening: Opening): ExchangeEvents {
    return this.#deliver(stream, opening, { isCounted: false });
  }

  #deliver(stream: ExchangeStream, opening: Opening, { isCounted } = { isCounted: true }): ExchangeEvents {
    try {
      const local = this.#localOf(opening.meta.subscription);
      if (local === undefined) return refuse(stream, "refused", "there is no such subscription here");
      if (!this.#mustBeUp || this.#gate.isStillUp(local))
        return this.#begin(stream, { opening, local, isCounted });
      return this.#beginWhenAllowed(stream, { opening, local, isCounted });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return refuse(stream, "protocol-error", error.message);
    }
  }

  /** Resolves when no exchange is under way; rejects with the signal's reason. */
  async settled(options: { signal: AbortSignal }): Promise<void> {
    while (this.#exchanges.size > 0) await once(this.#changes, "over", options);
  }

  /** Ends in good order what has no end of its own: `settled` waits for it. */
  leave(): void {
    for (const exchange of [...this.#exchanges.values()]) exchange.leave();
  }

  /** Ends every exchange at once, on both sides. */
  close(): void {
    for (const exchange of [...this.#exchanges.values()]) exchange.cancel("cancelled", "the session ends");
    this.#deliveries.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #begin(plain: ExchangeStream, about: Begun): ExchangeEvents {
    const { opening, local } = about;
    const onTaken = about.isCounted ? this.#onTaken : undefined;
    const quota = about.isCounted ? this.#quota : undefined;
    const { subscription } = opening.meta;
    const offer = quota?.offer(subscription);
    if (quota !== undefined && offer === undefined)
      return refuse(plain, "over-bound", "the session has had all that it wanted");
    const taken = (): void => {
      offer?.take();
      onTaken?.(subscription);
    };
    const isCounted = onTaken !== undefined || offer !== undefined;
    const stream = isCounted ? new CountedStream(plain, taken) : plain;
    const place = { isOver: false };
    const onOver = (outcome: ExchangeOutcome): void => {
      place.isOver = true;
      offer?.giveBack();
      this.#exchanges.delete(place);
      this.#over(local, outcome);
    };
    let created: Exchange & ExchangeEvents;
    try {
      created =
        opening.meta.kind === "tcp"
          ? new TcpExchange({ stream, to: this.#socketFor(local), onOver })
          : this.#deliveries.begin({ stream, opening, local, onOver });
    } catch (error) {
      offer?.giveBack();
      throw error;
    }
    // It may have been refused at once.
    if (!place.isOver) this.#exchanges.set(place, created);
    return created;
  }

  #beginOrRefuse(stream: ExchangeStream, about: Begun): ExchangeEvents {
    try {
      return this.#begin(stream, about);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return refuse(stream, "protocol-error", error.message);
    }
  }

  #beginWhenAllowed(stream: ExchangeStream, about: Begun): ExchangeEvents {
    const held = new HeldExchange();
    this.#gate.look(about.local).then(
      (listener) => {
        if (held.isReset) return;
        if (listener.state === "up") held.beginWith(this.#beginOrRefuse(stream, about));
        else held.beginWith(refuse(stream, ...refusalOf(listener, about.local)));
      },
      (error: unknown) =>
        held.beginWith(refuse(stream, "internal", `the listener could not be seen: ${String(error)}`)),
    );
    return held;
  }

  #over(local: LocalAddress, outcome: ExchangeOutcome): void {
    // A failed look is told by the next dial again.
    if (outcome.how === "failed" && outcome.code === "local-refused")
      this.#gate.look(local).catch(() => undefined);
    this.#changes.emit("over");
  }
}

/** What is to be delivered, and where. */
interface Begun {
  readonly opening: Opening;
  readonly local: LocalAddress;
  /** Whether bounds count it. */
  readonly isCounted: boolean;
}

function refusalOf(listener: Listener, local: LocalAddress): [ResetCode, string] {
  if (listener.state === "down")
    return ["local-refused", `nothing listens on ${local.address}:${local.port}`];
  const owner = listener.state === "stranger" ? listener.owner : undefined;
  const who = owner === undefined ? "another user's process" : `${owner.name} (pid ${owner.pid})`;
  return [
    "local-stranger",
    `${who} listens on ${local.address}:${local.port}, not the program of this session`,
  ];
}

/** Resets a stream that is not delivered, and hears nothing of it any more. */
function refuse(stream: ExchangeStream, code: ResetCode, text: string): ExchangeEvents {
  stream.reset(code, text);
  return { onHead: ignore, onData: ignore, onEnd: ignore, onReset: ignore, onDrain: ignore };
}

function ignore(): void {}
