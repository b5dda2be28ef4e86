import { closeDescriptor, takenSocket } from "../../../../../kernel/index.ts";
import type { Caller } from "../../../supervisor/index.ts";

/** An argument of a call that is an `int`. */
export function intOf(argument: bigint): number {
  return Number(BigInt.asIntN(32, argument));
}

/** The inode of the socket that a descriptor of the caller is; undefined when it is none. */
export function inodeOfDescriptor(caller: Caller, descriptor: number): number | undefined {
  const link = caller.linkOf(descriptor)?.toString("latin1");
  if (link === undefined || !link.startsWith("socket:[")) return undefined;
  return Number(link.slice("socket:[".length, -1));
}

/** A socket of the program, as long as a handler looks at it. */
export interface TakenSocket {
  readonly fd: number;
  readonly inode: number;
  readonly cookie: bigint;
  readonly kind: takenSocket.SocketKind;
}

/** Looks at a socket of the caller by a copy of its descriptor; undefined when that cannot be taken. */
export function withSocket<Result>(
  caller: Caller,
  descriptor: number,
  use: (socket: TakenSocket) => Result,
): Result | undefined {
  const fd = caller.takeDescriptor(descriptor);
  if (fd === null) return undefined;
  try {
    return use({
      fd,
      inode: takenSocket.socketInode(fd),
      cookie: takenSocket.socketCookie(fd),
      kind: takenSocket.socketKind(fd),
    });
  } finally {
    closeDescriptor(fd);
  }
}

/** Most that is read of an address: sizeof(struct sockaddr_storage). */
const MAX_ADDRESS_BYTES = 128;

/** The address that a call names; null when it cannot be read, or its length makes no sense: the kernel says which errno. */
export function readAddressBytes(caller: Caller, at: bigint, length: number): Buffer | null {
  if (at === 0n || length < 0 || length > MAX_ADDRESS_BYTES) return null;
  return caller.read(at, length);
}

/**
 * Writes an address where a call wants it, as the kernel does: cut to the room there is, and its whole length beside it
 * (accept(2), NOTES). False when it cannot be written.
 */
export function writeAddress(
  caller: Caller,
  where: { address: bigint; length: bigint },
  bytes: Uint8Array,
): boolean {
  const room = caller.read(where.length, 4)?.readInt32LE(0);
  if (room === undefined || room < 0) return false;
  const length = Buffer.alloc(4);
  length.writeInt32LE(bytes.length, 0);
  return (
    caller.write(where.address, bytes.subarray(0, Math.min(room, bytes.length))) &&
    caller.write(where.length, length)
  );
}
