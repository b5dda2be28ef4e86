import { constants } from "node:os";
import { check, KernelError } from "./kernel-error.ts";
import * as libc from "./libc.ts";

/** netlink(7), linux/netfilter/nfnetlink.h and nfnetlink_log.h. */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_NETFILTER = 12;
const NLM_F_REQUEST_ACK = 5;
const NLMSG_ERROR = 2;
const NLMSG_HEADER_BYTES = 16;
/** struct nfgenmsg behind it: family, version, the group as a big-endian number. */
const NFGENMSG_BYTES = 4;
const NFULNL_MSG_PACKET = 0x400;
const NFULNL_MSG_CONFIG = 0x401;
const configuration = { command: 1, mode: 2, bufferBytes: 3 } as const;
const NFULNL_CFG_CMD_BIND = 1;
const NFULNL_COPY_PACKET = 2;
const NFULA_PAYLOAD = 9;

/** SO_RCVBUF, socket(7); the kernel takes at most net.core.rmem_max, and doubles it. */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const RECEIVE_BUFFER_BYTES = 1 << 20;
const DO_NOT_WAIT = 0x40;

/** Of each packet, its headers: 60 bytes of IPv4 or 40 of IPv6, 60 of TCP, and some of what may stand between. */
const COPIED_BYTES = 256;
/** What the kernel puts aside for one message: without it 4 KB each, and a burst of fifty would be cut. */
const MESSAGE_BYTES = 512;

const chunk = Buffer.alloc(8 * 1024);

/**
 * A socket that is told of packets that a rule `log group <group>` of this network namespace meets (nft(8)), at once if
 * the rule says `queue-threshold 1`. The caller owns the descriptor.
 * @throws KernelError `EPERM` without CAP_NET_ADMIN, `EPROTONOSUPPORT` where the kernel has no netlink of netfilter,
 *   `EINVAL` where it has no log of packets there, `EBUSY` when somebody else has the group
 */
export function openPacketLog(group: number): number {
  const fd = check("socket", libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_NETFILTER));
  try {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(RECEIVE_BUFFER_BYTES);
    check("setsockopt(SO_RCVBUF)", libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, bytes, 4));
    configure(fd, group, configuration.command, Buffer.from([NFULNL_CFG_CMD_BIND]));
    const mode = Buffer.alloc(6);
    mode.writeUInt32BE(COPIED_BYTES, 0);
    mode[4] = NFULNL_COPY_PACKET;
    configure(fd, group, configuration.mode, mode);
    const room = Buffer.alloc(4);
    room.writeUInt32BE(MESSAGE_BYTES, 0);
    configure(fd, group, configuration.bufferBytes, room);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

function configure(fd: number, group: number, attribute: number, value: Buffer): void {
  const body = NLMSG_HEADER_BYTES + NFGENMSG_BYTES;
  const request = Buffer.alloc(body + 4 + ((value.length + 3) & ~3));
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(NFULNL_MSG_CONFIG, 4);
  request.writeUInt16LE(NLM_F_REQUEST_ACK, 6);
  request.writeUInt16BE(group, NLMSG_HEADER_BYTES + 2);
  request.writeUInt16LE(4 + value.length, body);
  request.writeUInt16LE(attribute, body + 2);
  value.copy(request, body + 4);
  check("send", libc.send(fd, request, request.length, 0));
  // The kernel answers before send(2) returns; packets may already stand before the answer.
  for (;;) {
    check("recv", libc.recv(fd, chunk, chunk.length, DO_NOT_WAIT));
    if (chunk.readUInt16LE(4) !== NLMSG_ERROR) continue;
    const errno = -chunk.readInt32LE(NLMSG_HEADER_BYTES);
    if (errno !== 0) throw new KernelError("nfnetlink_log", errno);
    return;
  }
}

/**
 * Shows `visit` the packets that were told of, at most `atMost`, each from its IP header on and cut behind its headers;
 * they are valid during the call. Gives how many there were. What came while the buffer was full is lost.
 */
export function readPacketLog(fd: number, visit: (packet: Buffer) => void, atMost = 64): number {
  let count = 0;
  while (count < atMost) {
    const length = libc.recv(fd, chunk, chunk.length, DO_NOT_WAIT);
    if (length === -1) {
      const error = new KernelError("recv", libc.lastErrno());
      if (error.code === "EAGAIN") return count;
      if (error.code === "ENOBUFS" || error.code === "EINTR") continue;
      throw error;
    }
    for (let at = 0; at + NLMSG_HEADER_BYTES <= length; ) {
      const end = at + chunk.readUInt32LE(at);
      if (end < at + NLMSG_HEADER_BYTES || end > length)
        throw new KernelError("nfnetlink_log", constants.errno.EBADMSG);
      if (chunk.readUInt16LE(at + 4) === NFULNL_MSG_PACKET) {
        const packet = payloadOf(at + NLMSG_HEADER_BYTES + NFGENMSG_BYTES, end);
        if (packet !== undefined) visit(packet);
        count++;
      }
      at = (end + 3) & ~3;
    }
  }
  return count;
}

function payloadOf(start: number, end: number): Buffer | undefined {
  // struct nlattr: length, type, value; the next one begins at a multiple of four.
  for (let at = start; at + 4 <= end; ) {
    const length = chunk.readUInt16LE(at);
    if (length < 4 || at + length > end) return undefined;
    if ((chunk.readUInt16LE(at + 2) & 0x3fff) === NFULA_PAYLOAD) return chunk.subarray(at + 4, at + length);
    at += (length + 3) & ~3;
  }
  return undefined;
}
