import { printable } from "../../text/paint.ts";
import { decideFlow, type FlowDecision } from "./decide-flow.ts";
import { decideLookup, type LookupDecision } from "./decide-lookup.ts";
import { decideNameServer } from "./decide-name-server.ts";
import type { Flow } from "./flow.ts";
import type { OutgoingRules, Where } from "./outgoing-rule.ts";
import { relevantConditions, type UnlessRule } from "./unless-rule.ts";

/** Where a flow would lead, and whose name servers would be asked before. */
export interface ExplainedFlow {
  readonly decision: FlowDecision;
  /** Null where there is no name to look up. */
  readonly lookup: LookupDecision | null;
  /** The same in sentences, one a line. */
  readonly sentences: readonly string[];
}

/** Tells about a flow before anything runs. @param asked as the user wrote it */
export function explainFlow(rules: OutgoingRules, flow: Flow, asked: string): ExplainedFlow {
  const name = flow.kind === "host" ? flow.names?.[0]?.name : undefined;
  const lookup = name === undefined ? null : explainLookup(rules, name);
  const found = lookup === null || name === undefined ? flow : foundBy(flow, name, lookup.where);
  const decision = withLookup(decideFlow(rules, found), lookup);
  const sentences = [
    `${printable(asked)} ${leads[decision.where]}: ${decision.because}.`,
    ...decision.unless.map((one) => unlessSentence(one, leads)),
  ];
  const { rule } = decision;
  if (rule !== null && rule.builtIn !== null)
    sentences.push(`--outgoing ${rule.written.replace("absent:", "local:")} opens it to the program.`);
  if (lookup !== null)
    sentences.push(
      `Its name ${looks[lookup.where]}: ${lookup.because}.`,
      ...lookup.unless.map((one) => unlessSentence(one, looks)),
    );
  return { decision, lookup, sentences };
}

const leads = {
  local: "leaves from this machine",
  remote: "leaves from the pod",
  absent: "is not there for the program (ENOENT)",
} as const;

const looks = {
  local: "is looked up by this machine's name servers",
  remote: "is looked up by the pod's name servers",
  absent: "is not looked up",
} as const;

function unlessSentence({ rule, when }: UnlessRule, verbs: Readonly<Record<Where, string>>): string {
  return `If ${when}, it ${verbs[rule.where]}: the rule ${rule.written} comes first.`;
}

/** Where no rule names a name, those count that are about the pod's name server, which nobody knows yet. */
function explainLookup(rules: OutgoingRules, name: string): LookupDecision {
  const lookup = decideLookup(rules, name);
  if (lookup.rule !== null) return lookup;
  const server = decideNameServer(rules, {
    address: undefined,
    port: NAME_SERVER_PORT,
    names: [],
    isPods: true,
  });
  const unless = [...lookup.unless, ...server.unless.map(aboutServer)];
  const isLocal = server.where === "local";
  const where = isLocal ? "local" : "remote";
  const because = isLocal ? `for its name server, ${server.because}` : lookup.because;
  return { ...lookup, where, because, unless: relevantConditions(unless, where) };
}

const NAME_SERVER_PORT = 53;

function aboutServer({ rule, when }: UnlessRule): UnlessRule {
  return { rule, when: when.replace(/^its /, "the pod's name server's ") };
}

/** What no rule names leads to where its name was looked up, and so depends on whatever that depends on. */
function withLookup(decision: FlowDecision, lookup: LookupDecision | null): FlowDecision {
  if (decision.rule !== null || lookup === null) return decision;
  const told = new Set(decision.unless.map(({ rule }) => rule));
  const more = lookup.unless.filter(({ rule }) => !told.has(rule));
  return { ...decision, unless: relevantConditions([...decision.unless, ...more], decision.where) };
}

function foundBy(flow: Flow, name: string, where: "local" | "remote"): Flow {
  return flow.kind === "host" ? { ...flow, names: [{ name, foundBy: where }] } : flow;
}
