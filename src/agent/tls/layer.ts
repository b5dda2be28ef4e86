import type { Peer } from "../../socket/index.ts";

/** What lies between TCP and what is said to the app. */
export interface Layer {
  /**
   * Lays it on a connection that has carried nothing yet, and owns that from here on. Exactly one callback is called,
   * never before this returns; none after `abandon`.
   */
  lay(
    raw: Peer,
    told: {
      /** The peer to speak through; it tells nobody anything before `giveTo`. */
      readonly onLaid: (peer: Peer) => void;
      /** The app is there, but not like this; `refusal` says why, and `raw` is gone. */
      readonly onRefused: (refusal: string) => void;
    },
  ): Laying;
}

/** A layer on its way. */
export interface Laying {
  /** It is not wanted any more: the connection below is ended. */
  abandon(): void;
}
