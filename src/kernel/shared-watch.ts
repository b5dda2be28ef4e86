import { check } from "./kernel-error.ts";
import * as libc from "./libc.ts";
import { epollControl, epollCreate } from "./libc-socket.ts";
import { watchReadable } from "./readable-watch.ts";

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;

/**
 * Calls `onReadable` on the event loop whenever a descriptor that another process uses as well can be read, or has an error
 * to tell, and leaves whether it blocks as it is. Dispose it before the descriptor is closed.
 * @throws KernelError `EMFILE`
 */
export function watchShared(fd: number, onReadable: () => void): Disposable {
  // The one that is watched is made not to block, and that is ours.
  const epoll = check("epoll_create1", epollCreate(EPOLL_CLOEXEC));
  try {
    const event = Buffer.alloc(16);
    event.writeUInt32LE(EPOLLIN, 0);
    check("epoll_ctl", epollControl(epoll, EPOLL_CTL_ADD, fd, event));
    const watch = watchReadable(epoll, onReadable);
    return {
      [Symbol.dispose]() {
        watch.close();
        libc.close(epoll);
      },
    };
  } catch (error) {
    libc.close(epoll);
    throw error;
  }
}
