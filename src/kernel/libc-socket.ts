import koffi from "./koffi.ts";

/**
 * What the C library does with sockets beside `libc.ts`: those of other processes that were taken, and messages with
 * addresses. As there, each function is declared with the types of its man page (section 2).
 *
 * `fcntl` is variadic in C; on x86-64 and arm64 Linux integer arguments travel alike in both forms.
 */
const libc = koffi.load(null);

type Call<Arguments extends unknown[]> = (...args: Arguments) => number;

// The casts below cannot be wrong as long as each prototype says what its Call type says, as in `libc.ts`.
export const connect = libc.func("int connect(int fd, const uint8_t *address, uint32_t length)") as Call<
  [number, Uint8Array, number]
>;
export const getpeername = libc.func(
  "int getpeername(int fd, _Inout_ uint8_t *address, _Inout_ uint32_t *length)",
) as Call<[number, Uint8Array, number[]]>;
export const fcntl = libc.func("int fcntl(int fd, int command, long argument)") as Call<
  [number, number, number]
>;
export const sendmsg = libc.func("intptr_t sendmsg(int fd, const void *message, int flags)") as Call<
  [number, BigUint64Array, number]
>;
export const recvmsg = libc.func("intptr_t recvmsg(int fd, void *message, int flags)") as Call<
  [number, BigUint64Array, number]
>;
export const epollCreate = libc.func("int epoll_create1(int flags)") as Call<[number]>;
export const epollControl = libc.func("int epoll_ctl(int epoll, int operation, int fd, void *event)") as Call<
  [number, number, number, Uint8Array]
>;
