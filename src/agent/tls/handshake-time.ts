/** A handshake that takes longer is given up: with the app it then passes unread, with a client the connection is closed. */
export const HANDSHAKE_MS = 10_000;
