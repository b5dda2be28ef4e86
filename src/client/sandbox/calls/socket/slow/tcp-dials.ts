import { constants } from "node:os";
import { closeDescriptor, type Endpoint, formatEndpoint, takenSocket } from "../../../../../kernel/index.ts";
import type { Outgoing } from "../../../../outgoing/index.ts";
import type { Notices } from "../../notices.ts";
import type { HeldCall, SlowCaller, SlowHandler, Verdict } from "../../../supervisor/index.ts";
import { intOf } from "../fast/socket-of-call.ts";
import type { ConnectAbout, SocketErrorAbout } from "../socket-config.ts";
import { addressForSocket, isOfOneLink, keyOfEndpoint } from "../program-address.ts";
import { DialerWatch } from "./dialer-watch.ts";
import { EndOfWait } from "./end-of-wait.ts";
import { tellOfOneLink } from "./one-link-notice.ts";
import type { ProgramListeners } from "./program-listeners.ts";
import { SilentPlaces } from "./silent-places.ts";
import { type DialOutcome, TcpDial } from "./tcp-dial.ts";
import { WaitingSocket } from "./waiting-socket.ts";

/** Sockets that are being connected, or whose failure nobody has asked for yet. */
const MAX_DIALS = 8192;

const CONTINUE: Verdict = { as: "continue" };

/** connect(2) of TCP to the pod: the errno that comes back is the far end's, at connect time. */
export class TcpDials implements Disposable {
  readonly #outgoing: Outgoing;
  readonly #listeners: ProgramListeners;
  readonly #notices: Notices;
  readonly #places = new SilentPlaces();
  readonly #dialers = new DialerWatch();
  /** By inode. */
  readonly #dials = new Map<number, TcpDial>();

  constructor(parts: { outgoing: Outgoing; listeners: ProgramListeners; notices: Notices }) {
    this.#outgoing = parts.outgoing;
    this.#notices = parts.notices;
    this.#listeners = parts.listeners;
  }

  /** On which ports of loopback sockets wait. */
  get silentPorts(): readonly number[] {
    return this.#places.endpoints.map(({ port }) => port);
  }

  readonly connect: SlowHandler<ConnectAbout> = async (call, about, caller) => {
    const verdict = await this.#connect(call, about, caller);
    return { note: `TCP to ${formatEndpoint(about.to)}, from the pod`, ...verdict };
  };

  async #connect(call: HeldCall, about: ConnectAbout, caller: SlowCaller): Promise<Verdict> {
    const known = this.#dialOf(about);
    if (known !== undefined) return await this.#connectAgain(call, { about, dial: known }, caller);
    const own = this.#listeners.ownAt(about.to);
    if (own !== undefined)
      return {
        ...connectToOwn(call, about, { own, caller }),
        note: `TCP to ${formatEndpoint(own)}, its own`,
      };
    if (this.#outgoing.wayOf({ protocol: "tcp", endpoint: about.to }) === "local")
      return { ...CONTINUE, note: `TCP to ${formatEndpoint(about.to)}, from this machine` };
    if (isOfOneLink(about.to)) {
      tellOfOneLink(this.#notices, about.to);
      return { as: "errno", errno: "ENETUNREACH" };
    }
    const fd = takeSame(call, about, caller);
    if (fd === null) return CONTINUE;
    // Connected, listening, or on its way to this machine: the kernel says what that means.
    if (takenSocket.tcpState(fd) !== takenSocket.TcpState.closed || !this.#makeRoom()) {
      closeDescriptor(fd);
      return this.#dials.size < MAX_DIALS ? CONTINUE : { as: "errno", errno: "EAGAIN" };
    }
    return await this.#connectFirst(this.#dial(fd, about, call.tid), caller);
  }

  /** What became of a connection that the program did not wait for (SO_ERROR, socket(7)). */
  readonly socketError: SlowHandler<SocketErrorAbout> = async (call, about, caller) => {
    const dial = this.#dialOf(about);
    const state = dial?.state;
    if (state?.at !== "failed") return CONTINUE;
    const fd = takeSame(call, about, caller);
    if (fd === null) return CONTINUE;
    takenSocket.takePendingError(fd);
    closeDescriptor(fd);
    this.#dials.delete(about.inode);
    return writeErrorOption(call, caller, state.errno) ? { as: "value", value: 0 } : CONTINUE;
  };

  /** The program has taken its connection back. */
  takenBack(about: SocketErrorAbout): void {
    const dial = this.#dialOf(about);
    if (dial === undefined) return;
    this.#dials.delete(about.inode);
    dial.giveUp();
  }

  [Symbol.dispose](): void {
    this.#dialers[Symbol.dispose]();
    for (const dial of this.#dials.values()) dial.giveUp();
    this.#dials.clear();
    this.#places[Symbol.dispose]();
  }

  #dialOf({ inode, cookie }: SocketErrorAbout): TcpDial | undefined {
    const dial = this.#dials.get(inode);
    return dial?.cookie === cookie ? dial : undefined;
  }

  #dial(fd: number, { inode, cookie, to, family }: ConnectAbout, tid: number): TcpDial {
    const socket = new WaitingSocket({ fd, family, places: this.#places });
    const dial = new TcpDial({ cookie, to, socket, outgoing: this.#outgoing });
    this.#dials.set(inode, dial);
    this.#dialers.watch(dial, tid);
    void dial.outcome.then(({ at }) => {
      // A failure is kept for whoever asks, unless somebody has waited for it.
      const isOver = at === "connected" || dial.isTold || dial.state.at === "given-up";
      if (isOver && this.#dials.get(inode) === dial) this.#dials.delete(inode);
    });
    return dial;
  }

  async #connectFirst(dial: TcpDial, caller: SlowCaller): Promise<Verdict> {
    if (dial.socket.isBlocking) return await this.#wait(dial, caller);
    const errno = dial.begin();
    if (errno === null) return { as: "errno", errno: "EINPROGRESS" };
    dial.giveUp();
    return { as: "errno", errno };
  }

  async #connectAgain(
    call: HeldCall,
    { about, dial }: { about: ConnectAbout; dial: TcpDial },
    caller: SlowCaller,
  ): Promise<Verdict> {
    const { state } = dial;
    if (state.at === "connected") return CONTINUE;
    if (state.at === "dialling" && !dial.socket.isBlocking) return { as: "errno", errno: "EALREADY" };
    if (state.at === "dialling") return await this.#wait(dial, caller);
    this.#dials.delete(about.inode);
    const fd = takeSame(call, about, caller);
    if (fd !== null) {
      takenSocket.takePendingError(fd);
      closeDescriptor(fd);
    }
    return state.at === "failed" ? { as: "errno", errno: state.errno } : CONTINUE;
  }

  /** Waits as a connect(2) that blocks: until it is connected or failed, a signal comes, or SO_SNDTIMEO has passed. */
  async #wait(dial: TcpDial, caller: SlowCaller): Promise<Verdict> {
    using until = new EndOfWait(caller.interrupted, dial.socket.limitMs);
    const outcome = await dial.wait(until.promise);
    if (outcome !== undefined) return verdictOf(outcome);
    if (!caller.isWaiting()) {
      if (!dial.isWaitedFor) dial.giveUp();
      return CONTINUE;
    }
    const errno = dial.begin();
    if (errno !== null) return { as: "errno", errno };
    // The kernel sees a socket on its way, and what ends the wait: it says EINTR, or calls the signal's handler and comes
    // back here, as it does when nobody is between.
    return until.isTime ? { as: "errno", errno: "EINPROGRESS" } : CONTINUE;
  }

  /** False when there are too many. */
  #makeRoom(): boolean {
    if (this.#dials.size < MAX_DIALS) return true;
    for (const [inode, dial] of this.#dials) {
      if (dial.state.at !== "failed") continue;
      this.#dials.delete(inode);
      return true;
    }
    return false;
  }
}

/** Connects to a listener of the program itself, which may be elsewhere than it has said. */
function connectToOwn(
  call: HeldCall,
  about: ConnectAbout,
  { own, caller }: { own: Endpoint; caller: SlowCaller },
): Verdict {
  if (keyOfEndpoint(own) === keyOfEndpoint(about.to)) return CONTINUE;
  const fd = takeSame(call, about, caller);
  if (fd === null) return CONTINUE;
  try {
    // Connected or on its way already: the kernel says so.
    if (takenSocket.tcpState(fd) !== takenSocket.TcpState.closed) return CONTINUE;
    const errno = takenSocket.beginConnecting(fd, addressForSocket(own, about.family));
    if (errno === null) return { as: "value", value: 0 };
    // On a socket that blocks the kernel goes on with what has begun, whatever address it is called with.
    const goesOn = errno === "EINPROGRESS" && !takenSocket.isNonBlocking(fd);
    return goesOn ? CONTINUE : { as: "errno", errno };
  } finally {
    closeDescriptor(fd);
  }
}

/** A copy of the very socket that the fast side has looked at; null when the program has closed it. */
function takeSame(call: HeldCall, about: SocketErrorAbout, caller: SlowCaller): number | null {
  const fd = caller.takeDescriptor(intOf(call.args[0]));
  if (fd === null || takenSocket.socketCookie(fd) === about.cookie) return fd;
  closeDescriptor(fd);
  return null;
}

/** A socket that is connected in the kernel's eyes gives 0 when connect(2) goes on (net/ipv4/af_inet.c, SS_CONNECTING). */
function verdictOf(outcome: DialOutcome): Verdict {
  return outcome.at === "connected" ? CONTINUE : { as: "errno", errno: outcome.errno };
}

/** Writes what getsockopt(2) gives: the errno as an int, and its length. */
function writeErrorOption(call: HeldCall, caller: SlowCaller, errno: string): boolean {
  const room = caller.read(call.args[4], 4)?.readInt32LE(0) ?? -1;
  if (room < 0) return false;
  const value = Buffer.alloc(4);
  // Errnos of the network are all there; what has no number is none of the kernel's.
  value.writeInt32LE(numberOfErrno.get(errno) ?? constants.errno.ECONNABORTED, 0);
  const length = Buffer.alloc(4);
  length.writeInt32LE(Math.min(room, 4), 0);
  return (
    caller.write(call.args[3], value.subarray(0, Math.min(room, 4))) && caller.write(call.args[4], length)
  );
}

const numberOfErrno = new Map(Object.entries(constants.errno));
