import { KernelError, SocketState, socketsOf } from "../../kernel/index.ts";
import type { Reachable, ReachableQuestion } from "../../protocol/index.ts";
import type { Asker } from "./asker.ts";

/** Tells whether somebody listens on a port where callers from outside of the pod come to. */
export async function answerReachable({ port }: ReachableQuestion, asker: Asker): Promise<void> {
  let reachable = false;
  try {
    await socketsOf({ port: { local: port }, state: SocketState.listening }, ({ local }) => {
      const isLoopback = local.family === 4 ? local.address.startsWith("127.") : local.address === "::1";
      if (!isLoopback) reachable = true;
    });
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return asker.refuse("not-seen", `the kernel does not tell who listens here (${error.code})`);
  }
  const answer: Reachable = { reachable };
  asker.finish(answer);
}
