import { Socket } from "node:net";
import type { DialledSocket } from "../../incoming/index.ts";
import type { InnerAddress } from "./listener-watch.ts";

/**
 * Connects, from inside of the namespace, a socket that was made there. Half-open: a program may close its side early and
 * still read the rest (RFC 9112 §9.6).
 */
export function dialInside(fd: number, to: InnerAddress & { readonly port: number }): DialledSocket {
  // A socket that is not connected yet must not be read from; Node's types do not know the option that says so.
  const options = { fd, readable: true, writable: true, allowHalfOpen: true, manualStart: true };
  const socket = new Socket(options);
  return socket.setNoDelay(true).connect({ host: to.address, port: to.port });
}

/** A connection that was over before it began. */
export function deadSocket(error: Error): DialledSocket {
  return new Socket({ allowHalfOpen: true }).destroy(error);
}
