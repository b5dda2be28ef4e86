import type { FileRuleList } from "../../../files/index.ts";
import type { Outgoing } from "../../../outgoing/index.ts";
import type { OutgoingRules } from "../../../outgoing/rules/index.ts";
import type { CallModule } from "../../supervisor/index.ts";
import { Notices } from "../notices.ts";
import { callsOfUnixSockets } from "./held-socket-calls.ts";
import { tellPodSocket } from "./pod-socket-notice.ts";
import { UnixDials } from "./slow/unix-dials.ts";
import { socketHandlers } from "./socket-handlers-url.ts";
import type { ListeningAbout, PodSocketAbout, SocketConfig } from "./socket-config.ts";

export interface UnixSocketsOptions {
  readonly outgoing: Outgoing;
  /** Those for sockets of unix(7) count here. */
  readonly rules: OutgoingRules;
  /** By which it is decided whose a path is that a socket is bound to; without them all are this machine's. */
  readonly files?: FileRuleList | undefined;
  readonly onNotice: (message: string) => void;
  /** The program listens on a TCP port from now on; told for each listener, in its own words. */
  readonly onListening: (port: number, about: { isPortChosen: boolean }) => void;
}

/**
 * For a program that has a network namespace of its own: which ports it listens on, and its sockets of unix(7). To be disposed
 * behind the supervisor.
 */
export function unixSocketModule(options: UnixSocketsOptions): CallModule & Disposable {
  const unix = new UnixDials(options);
  const notices = new Notices(options.onNotice);
  const config: SocketConfig = {
    channel: "",
    unix: { rules: options.rules, sharesAbstractNames: false, files: options.files ?? null },
    network: null,
  };
  return {
    url: socketHandlers,
    config,
    syscalls: callsOfUnixSockets(options.rules),
    slow: { "connect-unix": unix.connect },
    onTold: (kind, about) => {
      // What the fast side tells is what this module's own other half has written.
      if (kind === "listening") {
        const { port, isPortChosen } = about as ListeningAbout;
        options.onListening(port, { isPortChosen });
      } else if (kind === "socket-of-pod") tellPodSocket(about as PodSocketAbout, notices);
    },
    [Symbol.dispose]: () => unix[Symbol.dispose](),
  };
}
