import type { Caller, FastHandler, Later, Verdict } from "../../../supervisor/index.ts";
import { sendFor } from "../messages/send-for.ts";
import { readSendingCall, type SendingCall, type SentMessage } from "../messages/sending-call.ts";
import { destinationOf, keyOfEndpoint, readProgramAddress } from "../program-address.ts";
import type { Decisions } from "./decisions.ts";
import type { KnownRelay } from "./known-relay.ts";
import type { UnixWays } from "./unix-ways.ts";
import type { BookedSocket, SocketBook } from "./socket-book.ts";
import { inodeOfDescriptor, withSocket } from "./socket-of-call.ts";

const CONTINUE: Verdict = { as: "continue" };
const ASK: Later = { as: "later", kind: "send", about: null };

/** sendto(2), sendmsg(2), sendmmsg(2): datagrams to somebody in the pod are sent to a relay of ours instead. */
export function sendCall(parts: {
  book: SocketBook;
  unixWays: UnixWays;
  /** Null where the network needs nobody here. */
  decisions: Decisions | null;
}): FastHandler {
  const { book, decisions, unixWays } = parts;

  return (call, caller) => {
    const sending = readSendingCall(call, caller);
    if (sending === null) return CONTINUE;
    const refusal = refusalOfPath(caller, sending);
    if (refusal !== undefined) return refusal;
    if (decisions === null || !sending.messages.some(namesSomebody)) return CONTINUE;
    const inode = inodeOfDescriptor(caller, sending.descriptor);
    if (inode === undefined) return CONTINUE;
    decisions.hear();
    const booked = book.get(inode);
    if (booked === undefined) return ASK;
    const ways = new Map<SentMessage, KnownRelay | null>();
    for (const message of sending.messages) {
      const way = wayOf(booked, message);
      if (way === undefined) return ASK;
      ways.set(message, way);
    }
    if (ways.values().every((way) => way === null)) return CONTINUE;
    return send(caller, { sending, booked, ways });
  };

  /** Datagrams of unix(7) do not go to the pod. */
  function refusalOfPath(caller: Caller, sending: SendingCall): Verdict | undefined {
    for (const { name } of sending.messages) {
      const address = name === null ? undefined : readProgramAddress(name);
      if (address?.kind !== "unix") continue;
      const path = unixWays.wholePath(address.path, caller);
      const where = unixWays.wayOf(path);
      if (where === "remote") return { as: "errno", errno: "EPROTOTYPE" };
      if (where === "absent")
        return { as: "errno", errno: path.startsWith("\0") ? "ECONNREFUSED" : "ENOENT" };
    }
    return undefined;
  }
}

function send(
  caller: Caller,
  parts: { sending: SendingCall; booked: BookedSocket; ways: ReadonlyMap<SentMessage, KnownRelay | null> },
): Verdict | Later {
  const decided = withSocket(caller, parts.sending.descriptor, ({ fd, cookie, kind }) => {
    // Another one, with the inode of one that is gone.
    if (cookie !== parts.booked.cookie) return ASK;
    const family = kind === "udp6" ? 6 : 4;
    return sendFor(
      caller,
      fd,
      parts.sending,
      (message) => parts.ways.get(message)?.addressFor(family) ?? null,
    );
  });
  return decided ?? CONTINUE;
}

/** Whether it is for an address of the Internet protocols; all else is none of our business here. */
function namesSomebody({ name }: SentMessage): boolean {
  return name !== null && readProgramAddress(name).kind === "ip";
}

function wayOf(booked: BookedSocket, { name }: SentMessage): KnownRelay | null | undefined {
  if (name === null) return null;
  const address = readProgramAddress(name);
  if (address.kind !== "ip") return null;
  return booked.wayTo(keyOfEndpoint(destinationOf(address.endpoint)));
}
