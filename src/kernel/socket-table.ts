import { constants } from "node:os";
import { AF_INET, AF_INET6 } from "./endpoint.ts";
import { check, KernelError } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { INET_DIAG_MSG_BYTES, SocketRow } from "./socket-row.ts";

export type { SocketRow };

/** States of a TCP socket that are asked for (net/tcp_states.h). */
export const SocketState = { established: 1, listening: 10 } as const;

/** netlink(7) and sock_diag(7). */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST_DUMP = 0x301;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLMSG_HEADER_BYTES = 16;
const IPPROTO_TCP = 6;
/** struct nlmsghdr and struct inet_diag_req_v2. */
const REQUEST_BYTES = NLMSG_HEADER_BYTES + 56;
/** The kernel fills at most so much at a time (net/netlink/af_netlink.c): some two hundred sockets. */
const CHUNK_BYTES = 32 * 1024;

/** What of the table is looked at. */
export interface Sought {
  /** Sockets whose own port this is, or the port that they are connected to; or all. */
  readonly port: { readonly local: number } | { readonly peer: number } | { readonly any: true };
  readonly state: (typeof SocketState)[keyof typeof SocketState];
}

/**
 * Shows `visit` every TCP socket of this network namespace that is sought, IPv4 first (sock_diag(7)). The table may
 * change meanwhile: it is read in pieces.
 *
 * The kernel walks its table on a thread of libuv's pool; the event loop has a turn after each piece of 32 KB.
 * @throws KernelError `ENOENT` where the kernel has no tcp_diag, `EPERM` or `EACCES` where a sandbox forbids netlink
 */
export async function socketsOf(sought: Sought, visit: (row: SocketRow) => void): Promise<void> {
  const fd = check("socket", libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG));
  try {
    for (const family of [AF_INET, AF_INET6]) {
      const request = requestFor(family, sought);
      // The walk begins with the question: where little is found, the whole of it is done by then.
      await onPool("send", (done) => libc.send.async(fd, request, request.length, 0, done));
      await readAnswer(fd, visit);
    }
  } finally {
    libc.close(fd);
  }
}

async function readAnswer(fd: number, visit: (row: SocketRow) => void): Promise<void> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const row = new SocketRow();
  for (;;) {
    const length = await onPool("recv", (done) => libc.recv.async(fd, chunk, chunk.length, 0, done));
    if (showRows(chunk.subarray(0, length), row, visit)) return;
  }
}

/** Shows the sockets of one piece of an answer; gives true when it was the last. @throws KernelError */
export function showRows(chunk: Buffer, row: SocketRow, visit: (row: SocketRow) => void): boolean {
  for (let at = 0; at + NLMSG_HEADER_BYTES <= chunk.length; ) {
    const messageBytes = chunk.readUInt32LE(at);
    const type = chunk.readUInt16LE(at + 4);
    const body = at + NLMSG_HEADER_BYTES;
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR) throw new KernelError("sock_diag", -chunk.readInt32LE(body));
    if (messageBytes < NLMSG_HEADER_BYTES + INET_DIAG_MSG_BYTES || at + messageBytes > chunk.length)
      throw new KernelError("sock_diag", constants.errno.EBADMSG);
    row.show(chunk, body, at + messageBytes);
    visit(row);
    at += (messageBytes + 3) & ~3;
  }
  return false;
}

/** A question for all sockets of a family and protocol in some states, a bit for each (sock_diag(7)). */
export function tableRequest(about: { family: number; protocol: number; states: number }): Buffer {
  const request = Buffer.alloc(REQUEST_BYTES);
  request.writeUInt32LE(REQUEST_BYTES, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
  request[16] = about.family;
  request[17] = about.protocol;
  request.writeUInt32LE(about.states, 20);
  return request;
}

/** Runs a call on a thread of the pool, whose errno stays there: what a dump can fail with comes as a message. */
function onPool(
  syscall: string,
  call: (done: (error: Error | null, result: number) => void) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error !== null || result <= 0) reject(new KernelError(syscall, constants.errno.EIO));
      else resolve(result);
    });
  });
}

function requestFor(family: number, { port, state }: Sought): Buffer {
  const request = tableRequest({ family, protocol: IPPROTO_TCP, states: 2 ** state });
  // Zero, as it is, stands for every port.
  if ("local" in port) request.writeUInt16BE(port.local, 24);
  else if ("peer" in port) request.writeUInt16BE(port.peer, 26);
  return request;
}
