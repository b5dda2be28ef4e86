import * as libc from "./libc.ts";
import { AF_INET, AF_INET6, encodeSockaddr, type Endpoint } from "./endpoint.ts";
import { check } from "./kernel-error.ts";
import { LOOPBACK } from "./silent-listener.ts";
import { localEndpoint } from "./tcp-socket.ts";

const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
/** socket(7) */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
/** The kernel takes as much of it as net.core.rmem_max allows. */
const RECEIVE_BYTES = Buffer.from(new Int32Array([4 * 1024 * 1024]).buffer);

/**
 * A socket of UDP on a port of loopback that the kernel chooses, with room for bursts. The caller owns the descriptor.
 * @throws KernelError `EADDRNOTAVAIL` where a machine has no such loopback, `EMFILE`
 */
export function openLoopbackDatagrams(family: 4 | 6): { fd: number; endpoint: Endpoint } {
  const domain = family === 4 ? AF_INET : AF_INET6;
  const fd = check("socket", libc.socket(domain, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0));
  try {
    libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BYTES, 4);
    const address = encodeSockaddr({ family, address: LOOPBACK[family], port: 0 });
    check("bind", libc.bind(fd, address, address.length));
    return { fd, endpoint: localEndpoint(fd) };
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}
