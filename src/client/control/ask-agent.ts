import type { Json, Question } from "../../protocol/index.ts";
import { ClientError } from "../errors.ts";
import { joinRunningAgent, joinTarget, Session } from "../session/index.ts";
import type { ResolvedTarget } from "../target/index.ts";

/**
 * Asks the agent of a target, through a session of its own that only asks; gives the answers as they come.
 * Keeps no agent from ending, and starts none unless `startsAgent`: that one stays for some seconds, in case of more questions.
 * @throws ClientError `no-agent`, or `agent-start`; `ask-refused`, `agent-unreachable`, `session-lost`; the signal's reason.
 */
export async function* askAgent(about: {
  readonly target: ResolvedTarget;
  readonly name: string;
  readonly question: Question;
  readonly signal: AbortSignal;
  readonly startsAgent?: boolean;
  /** Hears which agent it is that is asked, as its ticket names it. */
  readonly onAgent?: ((name: string) => void) | undefined;
}): AsyncGenerator<Json, void> {
  const { target, name, question, signal, startsAgent = false } = about;
  const joined = startsAgent
    ? await joinTarget({ target, redirect: "auto", lingerMs: agentLingerMs, looksIntoApp: true, signal })
    : await joinRunningAgent({ target, signal });
  const { session } = await Session.join({
    carrier: joined.carrier,
    targetLabel: target.label,
    agent: joined.agent,
    name,
    isObserver: true,
    signal,
    events: {
      onStream: (stream) => {
        stream.reset("refused", "this session only asks");
        return { onHead: ignore, onData: ignore, onEnd: ignore, onReset: ignore, onDrain: ignore };
      },
      onDecision: ignore,
      onNotice: ignore,
      onCopies: ignore,
      onTaken: ignore,
      onFilterChanged: ignore,
    },
  });
  about.onAgent?.(joined.agent.name);
  try {
    yield* session.ask(question, { signal });
  } finally {
    await session.leave({ signal: AbortSignal.timeout(leaveMs) });
  }
}

/** The only answer to a question that has one. @throws as {@link askAgent} does */
export async function askAgentOnce(about: Parameters<typeof askAgent>[0]): Promise<Json> {
  for await (const answer of askAgent(about)) return answer;
  throw new ClientError("session-lost", `the agent in ${about.target.label} gave no answer`);
}

function ignore(): void {}

const leaveMs = 1_000;
const agentLingerMs = 5_000;
