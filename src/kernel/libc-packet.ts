import koffi from "./koffi.ts";

/**
 * What the C library does for sockets that carry packets and descriptors, beside `libc.ts`. As there, each function is
 * declared with the types of its man page (section 2).
 */
const libc = koffi.load(null);

type Call<Arguments extends unknown[]> = (...args: Arguments) => number;

// The casts below cannot be wrong as long as each prototype says what its Call type says, as in `libc.ts`.
export const sendto = libc.func(
  "intptr_t sendto(int fd, const uint8_t *bytes, size_t length, int flags, const uint8_t *address, uint32_t addressLength)",
) as Call<[number, Uint8Array, number, number, Uint8Array, number]>;
export const socketpair = libc.func(
  "int socketpair(int domain, int type, int protocol, _Out_ int *descriptors)",
) as Call<[number, number, number, number[]]>;
export const sethostname = libc.func("int sethostname(const uint8_t *name, size_t length)") as Call<
  [Uint8Array, number]
>;

/** libuv's own watch of a descriptor on this thread's event loop; its callback runs outside of any turn of JavaScript. */
export function watch(fd: number, onReadable: () => void): { close(): void; unref(): void } {
  return koffi.node.poll(fd, { readable: true }, onReadable);
}
