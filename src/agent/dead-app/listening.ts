import { SocketState, socketsOf } from "../../kernel/index.ts";

/** Whether somebody listens on a port of this network namespace, in either family. @throws KernelError as `socketsOf` */
export async function isListening(port: number): Promise<boolean> {
  let isThere = false;
  await socketsOf({ port: { local: port }, state: SocketState.listening }, () => {
    isThere = true;
  });
  return isThere;
}
