import type { Endpoint } from "../../kernel/index.ts";
import type { Peer, PeerOwner } from "../../socket/index.ts";
import type { Layer, Laying } from "../tls/index.ts";
import type { DialWay, OriginalDialer } from "../upstream/index.ts";

/** What may wait for an app that is being dialled; the client is read no further meanwhile. */
const MAX_UNSENT_BYTES = 64 * 1024;

/**
 * Where the way to the app is.
 *
 * | state      | means                                                        | leaves to                     |
 * |------------|--------------------------------------------------------------|-------------------------------|
 * | `none`     | nobody needs the app yet, or it hung up while others answered | `dialling`                    |
 * | `dialling` | what is sent waits, for TCP and for the layer on it            | `open`, `failed`, `none`      |
 * | `open`     | bytes both ways                                               | `none`, `failed`              |
 * | `failed`   | the app refused, or the connection is over                    | –                             |
 *
 * A dial cannot be called back: what it brings once nobody waits for it any more is closed without a byte.
 */
type State =
  | { readonly at: "none" | "failed" }
  | Dialling
  | { readonly at: "open"; readonly peer: Peer; isUsed: boolean; isEnded: boolean };

interface Dialling {
  readonly at: "dialling";
  readonly unsent: Buffer[];
  unsentBytes: number;
  /** How our half ends behind what was sent; with `leave` the client is gone, and nobody is told anything any more. */
  wantedEnd: "end" | "cut" | "leave" | undefined;
  /** Once TCP is there: the layer that is being laid on it. */
  laying: Laying | undefined;
}

/** What is said of a connection that came about in another way than its client would have made it. */
const NOTES: Record<DialWay, string | undefined> = {
  "client-address": undefined,
  "own-address": "the app sees an address of the pod, not the client's",
  loopback: "the app listens on loopback only and was reached there, without the client's address",
};

/** What the owner of the way is told. */
export interface OriginalWayEvents {
  /**
   * The app could not be reached; `isWanted` when somebody has sent it something. With `refusal` it was there, but the
   * layer was not laid.
   */
  onDialFailed(isWanted: boolean, refusal: string | undefined): void;
  /** There is room again after a `send` that gave `wait`. */
  onOriginalRoom(): void;
}

/** One client's way to the app: dialled when it is needed, and again after the app hung up while others answered. */
export class OriginalWay {
  readonly #dialer: OriginalDialer;
  readonly #route: { readonly from: Endpoint; readonly to: Endpoint };
  readonly #owner: PeerOwner & OriginalWayEvents;
  #state: State = { at: "none" };
  #note: string | undefined;
  #layer: Layer | undefined;

  constructor(options: {
    dialer: OriginalDialer;
    from: Endpoint;
    to: Endpoint;
    /** Told what the app says, too, as the owner of its peer. */
    owner: PeerOwner & OriginalWayEvents;
  }) {
    this.#dialer = options.dialer;
    this.#route = { from: options.from, to: options.to };
    this.#owner = options.owner;
  }

  get at(): State["at"] {
    return this.#state.at;
  }

  /** Whether this is the connection to the app as it is now: one that was given up still tells of its end. */
  owns(peer: Peer): boolean {
    return this.#state.at === "open" && this.#state.peer === peer;
  }

  /** Whether the app was given a byte of this client, or will be. */
  get isUsed(): boolean {
    if (this.#state.at === "dialling") return this.#state.unsentBytes > 0;
    return this.#state.at === "open" && this.#state.isUsed;
  }

  /** What is to be told of how the app was reached; undefined when it was as the client would have done it. */
  get note(): string | undefined {
    return this.#note;
  }

  /** Whether the app has said its last byte on a connection that is open still. */
  get isEnded(): boolean {
    return this.#state.at === "open" && this.#state.isEnded;
  }

  /** Notes the app's FIN. */
  noteEnd(): void {
    if (this.#state.at === "open") this.#state.isEnded = true;
  }

  dial(): void {
    const dialling = newDialling();
    this.#state = dialling;
    this.#dialer.dial({
      ...this.#route,
      owner: this.#owner,
      onOpen: (peer, way) => {
        this.#note = NOTES[way];
        this.#reached(dialling, peer);
      },
      onFailed: () => this.#dialFailed(dialling, undefined),
    });
  }

  /**
   * From now on the app is spoken to through `layer`, on every connection to it. The one that is there, which must not
   * have carried anything, gets it too; without one the app is dialled. A way that has failed stays so.
   */
  through(layer: Layer): void {
    this.#layer = layer;
    const state = this.#state;
    if (state.at === "none") return this.dial();
    if (state.at !== "open") return;
    const dialling = newDialling();
    this.#state = dialling;
    this.#reached(dialling, state.peer);
  }

  /** Gives up the layer, and the connection that it was laid on, or was to be. */
  withoutLayer(): void {
    this.forget();
    this.#layer = undefined;
  }

  /** Sends `bytes[from, to)`, dialling first where needed. `wait` asks for a pause until `onOriginalRoom`. */
  send(bytes: Buffer, from: number, to: number): "sent" | "wait" | "impossible" {
    if (this.#state.at === "none") this.dial();
    const state = this.#state;
    if (state.at === "open") {
      state.isUsed = true;
      return state.peer.write(bytes, from, to) ? "sent" : "wait";
    }
    if (state.at !== "dialling") return "impossible";
    state.unsent.push(Buffer.from(bytes.subarray(from, to)));
    state.unsentBytes += to - from;
    return state.unsentBytes > MAX_UNSENT_BYTES ? "wait" : "sent";
  }

  /** Ends our half behind what was sent, as `how` says. Gives false when there is nobody to end it for. */
  end(how: "end" | "cut" = "end"): boolean {
    if (this.#state.at === "open") this.#state.peer[how]();
    else if (this.#state.at === "dialling") this.#state.wantedEnd = how;
    else return false;
    return true;
  }

  pause(): void {
    if (this.#state.at === "open") this.#state.peer.pause();
  }

  resume(): void {
    if (this.#state.at === "open") this.#state.peer.resume();
  }

  /** The client is gone and its exchange with it: the app, when it is reached only now, hears nothing of it. */
  reset(): void {
    if (this.#state.at === "open") this.#state.peer.reset();
    else if (this.#state.at === "dialling") this.drop();
  }

  /** The client is gone in good order: what was sent is still delivered, what the app says is not waited for. */
  leave(): void {
    const state = this.#state;
    if (state.at === "open") state.peer.leave();
    else if (state.at !== "dialling") return;
    else if (state.unsentBytes > 0) state.wantedEnd = "leave";
    else this.drop();
  }

  /** Gives the connection up; the next `send` dials again. */
  forget(): void {
    this.drop();
    this.#state = { at: "none" };
  }

  /** Gives the connection up for good. */
  drop(): void {
    if (this.#state.at === "open") this.#state.peer.destroy();
    else if (this.#state.at === "dialling") this.#state.laying?.abandon();
    this.#state = { at: "failed" };
  }

  #reached(dialling: Dialling, peer: Peer): void {
    if (this.#state !== dialling) return peer.destroy();
    if (this.#layer === undefined) return this.#opened(dialling, peer);
    dialling.laying = this.#layer.lay(peer, {
      onLaid: (laid) => {
        laid.giveTo(this.#owner);
        this.#opened(dialling, laid);
      },
      onRefused: (refusal) => this.#dialFailed(dialling, refusal),
    });
  }

  #opened(dialling: Dialling, peer: Peer): void {
    if (this.#state !== dialling) return peer.destroy();
    this.#state = { at: "open", peer, isUsed: dialling.unsentBytes > 0, isEnded: false };
    let hasRoom = true;
    for (const bytes of dialling.unsent) hasRoom = peer.write(bytes);
    const { wantedEnd } = dialling;
    if (hasRoom && wantedEnd !== "leave") this.#owner.onOriginalRoom();
    if (wantedEnd !== undefined) peer[wantedEnd]();
  }

  #dialFailed(dialling: Dialling, refusal: string | undefined): void {
    if (this.#state !== dialling) return;
    this.#state = { at: "failed" };
    if (dialling.wantedEnd === "leave") return;
    this.#owner.onDialFailed(dialling.unsentBytes > 0 || dialling.wantedEnd !== undefined, refusal);
  }
}

function newDialling(): Dialling {
  return { at: "dialling", unsent: [], unsentBytes: 0, wantedEnd: undefined, laying: undefined };
}
