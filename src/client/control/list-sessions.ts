import { listedSessions, type ListedSession } from "../../protocol/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { askAgent } from "./ask-agent.ts";

/** Who holds what of a target. @throws ClientError as `askAgent` does */
export async function listSessions(about: {
  target: ResolvedTarget;
  name: string;
  signal: AbortSignal;
  onAgent?: (name: string) => void;
}): Promise<ListedSession[]> {
  const found = new Map<string, ListedSession>();
  for await (const answer of askAgent({ ...about, question: { kind: "sessions" } }))
    for (const session of listedSessions(answer)) {
      // One that holds much comes in pieces.
      const before = found.get(session.id)?.subscriptions ?? [];
      found.set(session.id, { ...session, subscriptions: [...before, ...session.subscriptions] });
    }
  return [...found.values()];
}
