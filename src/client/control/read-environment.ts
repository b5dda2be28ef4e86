import {
  environmentPart,
  type EnvironmentSource,
  environmentSource,
  type Json,
  MAX_ENVIRONMENT_BYTES,
  ProtocolError,
} from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import type { ResolvedTarget } from "../target/index.ts";
import { askAgent } from "./ask-agent.ts";

/** Whose environment it is, and what /proc/<pid>/environ holds. */
export interface PodEnvironment {
  readonly source: EnvironmentSource;
  readonly block: Buffer;
}

/**
 * The environment of a process of a target: the named one, else the one that is the target, else the one that its agent
 * takes for the app. Starts an agent where none runs.
 * @throws ClientError as `askAgent` does
 */
export async function readEnvironment(about: {
  readonly target: ResolvedTarget;
  readonly name: string;
  readonly process: number | undefined;
  readonly signal: AbortSignal;
}): Promise<PodEnvironment> {
  const { process, ...asking } = about;
  const question = { kind: "environment", process: process ?? about.target.process ?? null } as const;
  return gatherEnvironment(askAgent({ ...asking, question, startsAgent: true }), about.target.label);
}

/** Puts the answers together, in whatever parts they come. @throws ClientError `session-lost` when they are not whole */
export async function gatherEnvironment(
  answers: AsyncIterable<Json>,
  label: string,
): Promise<PodEnvironment> {
  let source: EnvironmentSource | undefined;
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const answer of answers) {
      if (source === undefined) {
        source = environmentSource(answer);
        continue;
      }
      const part = environmentPart(answer);
      length += part.length;
      // Nothing is kept of an agent that does not stop.
      if (length > Math.min(source.byteLength, MAX_ENVIRONMENT_BYTES)) break;
      parts.push(part);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ClientError(
      "session-lost",
      `the agent in ${label} answered what cannot be read: ${error.message}`,
      { cause: error },
    );
  }
  if (source === undefined || length !== source.byteLength)
    throw new ClientError("session-lost", `the agent in ${label} did not tell the environment as a whole`);
  return { source, block: Buffer.concat(parts) };
}
