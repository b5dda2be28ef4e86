import type { Filter } from "../../filters/index.ts";
import { type FilterSetDone, filterSetDone, type SessionProof } from "../../protocol/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { askAgentOnce } from "./ask-agent.ts";

/**
 * Gives a session another filter on one port, or on all where `port` is null; settles when the agent decides by it.
 * @throws ClientError as `askAgent` does
 */
export async function setFilter(about: {
  target: ResolvedTarget;
  name: string;
  as: SessionProof;
  port: number | null;
  filter: Filter | null;
  signal: AbortSignal;
}): Promise<FilterSetDone> {
  const { as, port, filter, ...asking } = about;
  return filterSetDone(await askAgentOnce({ ...asking, question: { kind: "set-filter", as, port, filter } }));
}
