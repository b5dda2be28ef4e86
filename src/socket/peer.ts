/**
 * One end of a connection that the agent stands in: the client's side or the app's, over TCP or over TLS on it.
 *
 * The half that we write and the half that we read end by themselves. After a reset, or `destroy`, only `onClosed` follows.
 */
export interface Peer {
  /** The other side has sent its last byte. */
  readonly isEnded: boolean;
  /** It ended without saying so: over TLS, FIN without close_notify (RFC 8446 §6.1). TCP alone cannot tell. */
  readonly isTruncated: boolean;
  /** From now on another one is told. */
  giveTo(owner: PeerOwner): void;
  /**
   * Writes `bytes[from, to)`; the caller may change them afterwards. Gives false when some of it has to wait: write no
   * more before `onDrain`, or memory grows. On a socket that takes no more the bytes are dropped.
   */
  write(bytes: Buffer, from?: number, to?: number): boolean;
  /**
   * The same for a buffer that is the peer's from here on. `moreFollows` says that another one comes before the event loop
   * turns: then both may leave in one packet.
   */
  give(bytes: Buffer, moreFollows: boolean): boolean;
  /** Stops reading; the sender is then told to slow down. */
  pause(): void;
  resume(): void;
  /**
   * Sends the end behind what was written; reading goes on. `onSent` is told when it has left, unless that fails, also
   * when it was sent before.
   */
  end(onSent?: () => void): void;
  /** Ends behind what was written as a truncated connection ends. Over TCP alone that is `end`. */
  cut(): void;
  /** Ends behind what was written and reads no more. */
  leave(): void;
  /** Ends now with RST, so that nobody takes what was sent for complete (RFC 9293 §3.10.7). */
  reset(): void;
  /** Ends now, with FIN when nothing is unread. */
  destroy(): void;
}

/** What a {@link Peer} tells the connection it belongs to. */
export interface PeerOwner {
  /** Bytes came: `bytes[0, length)`, valid during the call only. */
  onBytes(peer: Peer, bytes: Buffer, length: number): void;
  /** The other side has sent its last byte (FIN); it may still read. */
  onEnd(peer: Peer): void;
  /** What was written has left, after a write that gave false. */
  onDrain(peer: Peer): void;
  onConnected(peer: Peer): void;
  /** The connection is gone, once; with the error that ended it. */
  onClosed(peer: Peer, error: NodeJS.ErrnoException | undefined): void;
}
