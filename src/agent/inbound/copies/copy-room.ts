/** So many copies one session may have under way: a program that hangs holds them all. */
const MAX_COPIES = 1_024;
/** What may wait for one session in all its copies together. */
const MAX_BYTES = 16 * 1024 * 1024;
/** So long a full room is taken for full without looking: nothing is copied meanwhile, and nothing is counted up. */
const LOOK_AGAIN_MS = 10;

/** Somebody who takes up room, until nothing of it waits any more. */
export interface Roomer {
  /** Bytes that wait for the session now. */
  readonly waitingBytes: number;
  /** Nothing will be added, and the session needs it no more: it goes once nothing waits. */
  readonly isLeaving: boolean;
  /** {@link CopyRoom} alone changes these. */
  place: number;
  countedBytes: number;
}

/**
 * What all copies for one session may take up in the agent: the rest of what the pod's callers send is not copied.
 *
 * Nobody is told when bytes leave, so that the room looks for itself when it seems to be full.
 */
export class CopyRoom {
  static readonly #ofSessions = new WeakMap<object, CopyRoom>();
  readonly #maxCopies: number;
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #roomers: Roomer[] = [];
  #bytes = 0;
  #fullUntilMs = 0;

  constructor(
    options: { maxCopies?: number; maxBytes?: number /** Milliseconds. */; now?: () => number } = {},
  ) {
    this.#maxCopies = options.maxCopies ?? MAX_COPIES;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The room of a session's copies, whichever connection they are of. */
  static of(session: object): CopyRoom {
    let room = CopyRoom.#ofSessions.get(session);
    if (room === undefined) {
      room = new CopyRoom();
      CopyRoom.#ofSessions.set(session, room);
    }
    return room;
  }

  /** How many copies are under way, as far as is known. */
  get count(): number {
    return this.#roomers.length;
  }

  /** Whether one more copy may begin. */
  hasPlace(): boolean {
    if (this.#roomers.length < this.#maxCopies && this.#bytes < this.#maxBytes) return true;
    return this.#look() && this.#roomers.length < this.#maxCopies && this.#bytes < this.#maxBytes;
  }

  /** Whether so many bytes more may wait. */
  hasRoomFor(bytes: number): boolean {
    if (this.#bytes + bytes <= this.#maxBytes) return true;
    return this.#look() && this.#bytes + bytes <= this.#maxBytes;
  }

  enter(roomer: Roomer): void {
    roomer.place = this.#roomers.length;
    this.#roomers.push(roomer);
    this.recount(roomer);
  }

  /** What waits of it has changed. */
  recount(roomer: Roomer): void {
    const bytes = roomer.waitingBytes;
    this.#bytes += bytes - roomer.countedBytes;
    roomer.countedBytes = bytes;
  }

  /** Lets it go, now or once nothing of it waits. Safe to call twice. */
  leave(roomer: Roomer): void {
    this.recount(roomer);
    if (roomer.countedBytes === 0 && this.#roomers[roomer.place] === roomer) this.#remove(roomer);
  }

  /** Gives false when it was looked just now. */
  #look(): boolean {
    const now = this.#now();
    if (now < this.#fullUntilMs) return false;
    this.#fullUntilMs = now + LOOK_AGAIN_MS;
    for (let place = this.#roomers.length - 1; place >= 0; place--) {
      const roomer = this.#roomers[place];
      if (roomer === undefined) continue;
      this.recount(roomer);
      if (roomer.isLeaving && roomer.countedBytes === 0) this.#remove(roomer);
    }
    return true;
  }

  #remove(roomer: Roomer): void {
    const last = this.#roomers.pop();
    if (last === undefined || last === roomer) return;
    this.#roomers[roomer.place] = last;
    last.place = roomer.place;
  }
}
