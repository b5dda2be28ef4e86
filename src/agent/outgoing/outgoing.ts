import { ReadBuffers } from "../../socket/index.ts";
import { AppRoots } from "./app-roots.ts";
import { descriptorLimit } from "../descriptor-limit.ts";
import { OpenCount } from "../open-count.ts";
import { SessionOutgoing } from "./session-outgoing.ts";

/** So many connections one session may have at once: more than a program under load holds. */
const MAX_CONNECTIONS = 4_096;
/** So many UDP sockets: a resolver has one for each question under way. */
const MAX_DATAGRAM_SOCKETS = 1_024;
/** Of the descriptors that the agent may have, this part may serve sessions: bystanders need the others. */
const DESCRIPTOR_SHARE = 0.5;

/**
 * The pod's network, for sessions: connections and datagrams that leave from the pod, as its own processes' would.
 *
 * Sockets are not marked: what the pod's processes would meet, a steal of its own port included, is met here too. No ring
 * comes of that. A connection to a stolen port is accepted by the agent and decided like any other; the agent's own way to
 * the app behind it is marked.
 */
export class Outgoing implements Disposable {
  readonly #readBuffers = new ReadBuffers();
  readonly #roots: AppRoots;
  readonly #all = new OpenCount(Math.floor(descriptorLimit() * DESCRIPTOR_SHARE));

  /** `container` is the id of the app's, where others can be seen. */
  constructor(options: { container?: string | undefined } = {}) {
    this.#roots = new AppRoots(options);
  }

  /** What one session is served by. Its flows end with its streams. */
  forSession(): SessionOutgoing {
    return new SessionOutgoing({
      readBuffers: this.#readBuffers,
      roots: this.#roots,
      connections: new OpenCount(MAX_CONNECTIONS, this.#all),
      datagramSockets: new OpenCount(MAX_DATAGRAM_SOCKETS, this.#all),
    });
  }

  /** Connections and UDP sockets that are open for all sessions. */
  get openFlows(): number {
    return this.#all.count;
  }

  [Symbol.dispose](): void {
    this.#roots[Symbol.dispose]();
  }
}
