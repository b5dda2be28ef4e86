import { type DecisionsQuestion, type ToldDecisions, toldDecisions } from "../../protocol/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { askAgent } from "./ask-agent.ts";

/** What was decided on a target and why, in batches from the oldest on. @throws ClientError as `askAgent` does */
export async function* whatWasDecided(about: {
  readonly target: ResolvedTarget;
  readonly name: string;
  readonly signal: AbortSignal;
  readonly question: DecisionsQuestion;
  readonly onAgent?: ((name: string) => void) | undefined;
}): AsyncGenerator<ToldDecisions, void> {
  for await (const answer of askAgent(about)) yield toldDecisions(answer);
}
