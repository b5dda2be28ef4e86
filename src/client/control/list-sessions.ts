import { listedSessions, type ListedSession } from "../../protocol/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { askAgentOnce } from "./ask-agent.ts";

/** Who holds what of a target. @throws ClientError as `askAgent` does */
export async function listSessions(about: {
  target: ResolvedTarget;
  name: string;
  signal: AbortSignal;
}): Promise<ListedSession[]> {
  return listedSessions(await askAgentOnce({ ...about, question: { kind: "sessions" } }));
}
