import koffi from "./koffi.ts";

/**
 * The one door to the C library. Each function is declared with the types of its man page (section 2); callers in this
 * room give them names, checks and errors. Only Linux is served: nothing here is called elsewhere.
 */
const libc = koffi.load(null);

koffi.struct("magpie_pollfd", { fd: "int", events: "short", revents: "short" });

/** One entry of poll(2). */
export interface PollEntry {
  fd: number;
  events: number;
  revents: number;
}

type Call<Arguments extends unknown[]> = (...args: Arguments) => number;

/** A call that may also run on a thread of libuv's pool, so that it can wait without blocking the event loop. */
interface AsyncCall<Arguments extends unknown[]> extends Call<Arguments> {
  async(...args: [...Arguments, callback: (error: Error | null, result: number) => void]): void;
}

// The casts below cannot be wrong as long as each prototype says what its Call type says: koffi builds the function
// from the prototype and knows no TypeScript.
export const socket = libc.func("int socket(int domain, int type, int protocol)") as Call<
  [number, number, number]
>;
export const bind = libc.func("int bind(int fd, const uint8_t *address, uint32_t length)") as Call<
  [number, Uint8Array, number]
>;
export const listen = libc.func("int listen(int fd, int backlog)") as Call<[number, number]>;
export const accept4 = libc.func(
  "int accept4(int fd, _Inout_ uint8_t *address, _Inout_ uint32_t *length, int flags)",
) as Call<[number, Uint8Array, number[], number]>;
export const getsockname = libc.func(
  "int getsockname(int fd, _Inout_ uint8_t *address, _Inout_ uint32_t *length)",
) as Call<[number, Uint8Array, number[]]>;
export const setsockopt = libc.func(
  "int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)",
) as Call<[number, number, number, Uint8Array, number]>;
export const getsockopt = libc.func(
  "int getsockopt(int fd, int level, int name, _Inout_ uint8_t *value, _Inout_ uint32_t *length)",
) as Call<[number, number, number, Uint8Array, number[]]>;
export const send = libc.func(
  "intptr_t send(int fd, const uint8_t *bytes, size_t length, int flags)",
) as AsyncCall<[number, Uint8Array, number, number]>;
export const recv = libc.func(
  "intptr_t recv(int fd, _Out_ uint8_t *bytes, size_t length, int flags)",
) as AsyncCall<[number, Uint8Array, number, number]>;
export const close = libc.func("int close(int fd)") as Call<[number]>;
export const setns = libc.func("int setns(int fd, int nstype)") as Call<[number, number]>;
export const poll = libc.func(
  "int poll(_Inout_ magpie_pollfd *entries, unsigned long count, int timeout)",
) as AsyncCall<[PollEntry[], number, number]>;
export const eventfd = libc.func("int eventfd(unsigned int value, int flags)") as Call<[number, number]>;
export const eventfdWrite = libc.func("int eventfd_write(int fd, uint64_t value)") as Call<[number, number]>;

/** The errno of the last call on this thread; read it before anything else is called. */
export function lastErrno(): number {
  return koffi.errno();
}
