import type { Follower } from "../bypass/index.ts";
import type { Control } from "../control/index.ts";
import type { Log } from "../log.ts";
import type { CopyOutcome, Routes } from "../routing/index.ts";
import type { Trace } from "../trace/index.ts";
import type { Dial } from "../upstream/index.ts";
import type { ClientServices } from "./client-streams.ts";

/** What sessions need of the agent. */
export interface SessionContext {
  readonly routes: Routes;
  readonly trace: Trace;
  readonly control: Control;
  readonly log: Log;
  readonly agentVersion: string;
  readonly redirect: { readonly backend: string; readonly reason: string };
  /** Ports of the agent itself, which must not be stolen. */
  readonly ownPorts: readonly number[];
  /** Resolves when the kernel diverts the ports that are subscribed to now. @throws when it cannot */
  readonly portsApplied: () => Promise<void>;
  /** Dials the app, so that nothing diverts the connection. */
  readonly dialOriginal: (wanted: Dial) => void;
  /** Serves what sessions open streams for: the pod's network and files. */
  readonly services: ClientServices;
  /** Where the pod's files are, for paths that a client names. */
  readonly podRoot: string;
  /** The session turned out to be one that only asks. */
  readonly onObserver: () => void;
  /** Connections that are established on a port already shall be taken over, for as long as `signal` lasts. */
  readonly takeOver: (port: number, tell: (message: string) => void, signal: AbortSignal) => void;
  /** Something happened to a copy for a session that mirrors. */
  readonly countCopy: (outcome: CopyOutcome) => void;
  /** Whether the port's connections come through the agent shall be watched. */
  readonly watchBypass: (follower: Follower) => void;
}
