import { z } from "zod";
import * as agents from "./agent-events.ts";
import * as answers from "./answer-events.ts";
import * as comparisons from "./comparison-events.ts";
import * as configs from "./config-events.ts";
import * as decisions from "./decision-events.ts";
import * as expects from "./expect-events.ts";
import * as sessions from "./session-events.ts";

/**
 * Each line that `--output json` writes: the one definition of that contract. Lines are told apart by `event`.
 *
 * Objects are strict here, so that a test sees what is written and not defined. Readers are told otherwise: fields and
 * events may be added (`lines-schema.ts`).
 */
export const jsonLine = z.discriminatedUnion("event", [
  sessions.hello,
  sessions.step,
  sessions.programStarted,
  sessions.ready,
  sessions.memberCoverage,
  sessions.sandbox,
  sessions.environmentSource,
  sessions.openedPort,
  sessions.traced,
  decisions.decision,
  sessions.notice,
  sessions.local,
  sessions.taken,
  sessions.filterChanged,
  sessions.connection,
  sessions.copies,
  comparisons.comparison,
  comparisons.summary,
  sessions.inspector,
  sessions.leaving,
  answers.sessions,
  answers.released,
  answers.filterSet,
  answers.filterTried,
  answers.metrics,
  decisions.memory,
  decisions.untold,
  answers.targets,
  answers.environment,
  answers.variable,
  answers.host,
  answers.path,
  answers.finding,
  answers.verdict,
  configs.config,
  configs.problem,
  configs.untranslated,
  configs.checked,
  configs.configWritten,
  agents.agent,
  agents.agentLog,
  agents.agentStopped,
  expects.waiting,
  expects.expecting,
  expects.counted,
  expects.expected,
  sessions.ended,
]);

/** What may be written: type only, so that nobody who writes lines loads the definition. */
export type JsonLine = Writable<z.infer<typeof jsonLine>>;

/** Lists and objects that are not changed will do, and fields that are there and undefined: JSON leaves them out. */
type Writable<Value> = Value extends readonly (infer Item)[]
  ? readonly Writable<Item>[]
  : Value extends object
    ? {
        readonly [Key in keyof Value]:
          | Writable<Value[Key]>
          | (undefined extends Value[Key] ? undefined : never);
      }
    : Value;
