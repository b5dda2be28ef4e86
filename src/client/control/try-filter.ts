import { type TriedFilter, triedFilter, type TryFilterQuestion } from "../../protocol/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { askAgentOnce } from "./ask-agent.ts";

/** What a filter would have matched of what the agent remembers. @throws ClientError as `askAgent` does */
export async function tryFilter(about: {
  readonly target: ResolvedTarget;
  readonly name: string;
  readonly signal: AbortSignal;
  readonly question: TryFilterQuestion;
}): Promise<TriedFilter> {
  return triedFilter(await askAgentOnce(about));
}
