import type { ClientRequest } from "node:http";
import { KubernetesError } from "../errors.ts";
import { where } from "./api-failure.ts";
import type { ClusterAccess } from "./cluster-access.ts";

/**
 * Waits for what an API server answers, for so long at most; `giveUp` ends what was begun when it does not come to that.
 * @throws KubernetesError `timeout`; the signal's reason; what `waiting` is rejected with
 */
export async function boundedWait<Result>(
  waiting: PromiseWithResolvers<Result>,
  about: {
    readonly cluster: ClusterAccess;
    readonly timeoutMs: number;
    readonly hint?: string;
    readonly signal: AbortSignal | undefined;
    readonly giveUp: () => void;
  },
): Promise<Result> {
  const { cluster, timeoutMs, hint, signal, giveUp } = about;
  const overdue = (): void => {
    const message = `${where(cluster)} did not answer within ${timeoutMs / 1_000} s`;
    waiting.reject(new KubernetesError("timeout", message, { hint }));
  };
  const timer = setTimeout(overdue, timeoutMs);
  const abort = (): void => waiting.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await waiting.promise;
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Whether a request has failed only since its kept connection had been closed meanwhile: on another one it may succeed. */
export function isStale(request: ClientRequest, cause: Error): boolean {
  const code = "code" in cause ? cause.code : undefined;
  return request.reusedSocket && (code === "ECONNRESET" || code === "EPIPE");
}
