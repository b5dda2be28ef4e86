import { BlockList } from "node:net";
import { networkInterfaces } from "node:os";
import { ipVersion, type AskOriginal } from "../../protocol/index.ts";
import { StreamRelay } from "../../socket/index.ts";
import type { StreamEvents, TunnelStream } from "../../tunnel/index.ts";
import type { Dial } from "../upstream/index.ts";

/** So many connections to the app one session may have at once: it asks again what it has a copy of, now and then. */
const MAX_ASKED = 8;

/** A port of a session, as far as it decides who may be asked. */
export interface HeldPort {
  readonly port: number;
  /** Whether the agent ends TLS there. */
  readonly isTls: boolean;
  /** Whether it is mirrored with the app's answers. */
  readonly hasAnswers: boolean;
}

/**
 * The connections by which one session asks the app itself, to compare its answers with one another or since its user wants
 * it: to a port that it holds, at addresses of the pod, and by the agent's own mark, so that no steal sees them. Who may join an agent may open
 * sockets in its network namespace, so that this reaches nothing that was out of reach.
 */
export class AskedOriginals {
  readonly #held: (subscription: number) => HeldPort | undefined;
  readonly #dial: (wanted: Dial) => void;
  #count = 0;

  constructor(options: {
    /** What a subscription of the session holds; undefined when there is none. */
    held: (subscription: number) => HeldPort | undefined;
    dial: (wanted: Dial) => void;
  }) {
    this.#held = options.held;
    this.#dial = options.dial;
  }

  /** Takes a stream that the session has opened; one that asks for what it may not have is reset, and says why. */
  open(stream: TunnelStream, opening: AskOriginal): StreamEvents | undefined {
    const refusal = this.#refusalOf(opening);
    if (refusal !== undefined) {
      stream.reset("refused", refusal);
      return undefined;
    }
    const { address, port } = opening.original;
    this.#count++;
    const relay = new StreamRelay({
      stream,
      lostCode: "local-closed",
      endBy: "destroy",
      onOver: () => this.#count--,
    });
    this.#dial({
      from: undefined,
      to: { family: ipVersion(address) === 4 ? 4 : 6, address, port },
      owner: relay.peerOwner,
      onOpen: (peer) => relay.join(peer),
      onFailed: (error) => relay.lose("local-refused", error.message),
    });
    return relay;
  }

  #refusalOf({ subscription, original, byUser = false }: AskOriginal): string | undefined {
    const { address, port } = original;
    const held = this.#held(subscription);
    if (held === undefined) return "only who holds a port may ask the app there";
    if (!held.hasAnswers && !byUser) return "only who mirrors a port with its answers may ask the app there";
    if (held.port !== port) return `the subscription is for port ${held.port}`;
    if (held.isTls && !byUser) return "an app behind TLS is not asked";
    if (!isOfPod(address)) return "the address is none of the pod";
    if (this.#count >= MAX_ASKED) return `a session has at most ${MAX_ASKED} connections to the app`;
    return undefined;
  }
}

/** Whether the network namespace of this process has the address, in whatever way it is written. */
function isOfPod(address: string): boolean {
  const own = new BlockList();
  for (const addresses of Object.values(networkInterfaces()))
    for (const { address, family } of addresses ?? [])
      own.addAddress(address, family === "IPv4" ? "ipv4" : "ipv6");
  return own.check(address, ipVersion(address) === 4 ? "ipv4" : "ipv6");
}
