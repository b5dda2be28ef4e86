import { type Released, released, type SessionProof } from "../../protocol/index.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { askAgentOnce } from "./ask-agent.ts";

/**
 * Ends subscriptions of a session, of these ports or all; settles when the ports are given back. Exchanges under way go on.
 * @throws ClientError as `askAgent` does
 */
export async function release(about: {
  target: ResolvedTarget;
  name: string;
  as: SessionProof;
  ports: readonly number[];
  signal: AbortSignal;
}): Promise<Released> {
  const { as, ports, ...asking } = about;
  return released(await askAgentOnce({ ...asking, question: { kind: "release", as, ports } }));
}
