import { createInterface } from "node:readline";
import { ClientError } from "../errors.ts";
import type { AgentCare } from "./agent-care.ts";
import type { ClusterPod } from "./cluster-site.ts";

/** The agent beside a pod of a cluster, by what the API server knows of its container. */
export function clusterCare(
  pod: Pick<ClusterPod, "agents">,
  translated: <Result>(act: () => Promise<Result>) => Promise<Result>,
): AgentCare {
  return {
    startedAt: ({ signal }) => translated(async () => (await pod.agents({ signal })).startedAt({ signal })),
    log: ({ lines, follow, signal }) => {
      const opened = translated(async () => {
        const agents = await pod.agents({ signal });
        const stream = await agents.log({ tailLines: lines, follow, signal });
        if (stream !== undefined) return createInterface({ input: stream });
        throw new ClientError("no-agent", "no agent has run beside this pod: there is no log");
      });
      return (async function* () {
        yield* await opened;
      })();
    },
    end: ({ signal }) => translated(async () => (await pod.agents({ signal })).end({ signal })),
  };
}
