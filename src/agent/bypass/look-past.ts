import { type Endpoint, formatEndpoint, SocketState, socketsOf } from "../../kernel/index.ts";

/** What is kept of one look. More connections than this are not told apart one by one. */
const MAX_CONNECTIONS = 65_536;

/** A connection that the app has with somebody else than the agent. */
export interface DirectConnection {
  /** What tells its socket from every other. */
  readonly cookie: number;
  /** Who connected, for people. */
  readonly peer: string;
  /** Whoever connected is in this network namespace. */
  readonly isFromPod: boolean;
}

/** The connections of a port that do not come through the agent, or that there are too many to say. */
export type Look = readonly DirectConnection[] | "too-many";

/** How sockets are looked at; replaced in tests. */
export type ReadSockets = typeof socketsOf;

interface AppEnd {
  readonly peerKey: number;
  readonly peer: Endpoint;
}

interface ClientEnds {
  /** The agent's own, which bear its mark. */
  readonly own: ReadonlySet<number>;
  /** Others that are in this network namespace. */
  readonly pod: ReadonlySet<number>;
}

/**
 * Finds who is connected to the app on a port past the agent.
 *
 * The app's ends are the sockets with that port as their own, but for those that the agent accepted in its place, which
 * are transparent (of REDIRECT they have the listener's port). An app's end whose other end bears the agent's mark was
 * dialled by it. The two are read one after the other while connections come and go: what looks direct is looked at
 * once more, unless it is `known`, and what has gone by then is not told.
 * @throws KernelError as `socketsOf`
 */
export async function lookPast(
  at: { readonly port: number; readonly ownMark: number; readonly known: ReadonlySet<number> },
  readSockets: ReadSockets = socketsOf,
): Promise<Look> {
  const first = await appEnds(at.port, readSockets);
  if (first.size === 0) return [];
  const clients = await clientEnds(at, readSockets);
  if (first.size >= MAX_CONNECTIONS || clients.own.size >= MAX_CONNECTIONS) return "too-many";
  const direct = [...first].filter(([, { peerKey }]) => !clients.own.has(peerKey));
  if (direct.every(([cookie]) => at.known.has(cookie))) return direct.map((end) => told(end, clients));
  // Whoever is there before and after the agent's own ends were read had one of them then, if it ever has.
  const again = await clientEnds(at, readSockets);
  const last = await appEnds(at.port, readSockets);
  return direct
    .filter(([cookie, { peerKey }]) => last.has(cookie) && !again.own.has(peerKey))
    .map((end) => told(end, again));
}

function told([cookie, { peer, peerKey }]: [number, AppEnd], clients: ClientEnds): DirectConnection {
  return { cookie, peer: formatEndpoint(peer), isFromPod: clients.pod.has(peerKey) };
}

async function appEnds(port: number, readSockets: ReadSockets): Promise<Map<number, AppEnd>> {
  const ends = new Map<number, AppEnd>();
  await readSockets({ port: { local: port }, state: SocketState.established }, (row) => {
    if (row.isTransparent === true || ends.size >= MAX_CONNECTIONS) return;
    ends.set(row.cookie, { peerKey: row.peerKey, peer: row.peer });
  });
  return ends;
}

async function clientEnds(
  { port, ownMark }: { readonly port: number; readonly ownMark: number },
  readSockets: ReadSockets,
): Promise<ClientEnds> {
  const own = new Set<number>();
  const pod = new Set<number>();
  await readSockets({ port: { peer: port }, state: SocketState.established }, (row) => {
    const ends = row.mark === ownMark ? own : pod;
    if (ends.size < MAX_CONNECTIONS) ends.add(row.localKey);
  });
  return { own, pod };
}
