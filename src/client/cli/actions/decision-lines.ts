import type { DecisionRecord, ExplainedClause } from "../../../protocol/index.ts";
import { type Paint, printable } from "../../text/paint.ts";

/** A decision in plain words: what it was about, why, clause by clause, and what came of it. */
export function decisionLines(decision: DecisionRecord, paint: Paint): string[] {
  return [
    headLine(decision, paint),
    `  ${paint("bold", verdictText(decision))}: ${printable(decision.reason)}`,
    ...explanationLines(decision, paint),
    ...decision.mirrors.map(
      ({ session, name, outcome }) => `  copy for ${sessionText(session, name)}: ${printable(outcome)}`,
    ),
    ...(decision.failure === null ? [] : [paint("yellow", `  but ${printable(decision.failure)}`)]),
    paint("dim", `  ${factsText(decision)}`),
    ...(decision.head ?? []).map(([name, value]) => `    ${printable(name)}: ${printable(value)}`),
  ].map((line) => line.trimEnd());
}

function headLine(decision: DecisionRecord, paint: Paint): string {
  const { at, requestId, status, durationMs } = decision;
  const request = printable(`${decision.method} ${decision.target}`.trim());
  return [
    paint("dim", clockTime(at)),
    paint("cyan", `#${printable(requestId)}`),
    request || `connection to port ${decision.port}`,
    "→",
    answererText(decision, paint),
    ...(status === null ? [] : [String(status)]),
    durationMs === null ? paint("yellow", "under way") : `${durationMs.toFixed(1)} ms`,
  ].join(" ");
}

function answererText({ verdict, session, sessionName }: DecisionRecord, paint: Paint): string {
  if (verdict !== "stolen" && verdict !== "stolen-raw") return "original";
  return paint("green", sessionText(session ?? "?", sessionName ?? "?"));
}

function verdictText({ verdict, session }: DecisionRecord): string {
  switch (verdict) {
    case "stolen":
      return "stolen";
    case "stolen-raw":
      return "stolen unread";
    case "opaque":
      return "passed to the original unread";
    case "original":
  }
  return session === null ? "passed to the original" : "passed to the original after all";
}

function explanationLines({ explanation, unexplained }: DecisionRecord, paint: Paint): string[] {
  const lines = (explanation ?? []).flatMap(({ session, name, filter, revision, matches, clauses }) => {
    const whose = sessionText(session, name, revision);
    const what = filter === null ? "takes everything" : `wants ${printable(filter)}`;
    return [`  ${mark(matches, paint)} ${whose} ${what}`, ...clauseLines(clauses?.parts ?? [], 2, paint)];
  });
  if (unexplained > 0) lines.push(`  ${mark(false, paint)} ${unexplained} more filters do not match`);
  return lines;
}

function clauseLines(parts: readonly ExplainedClause[], depth: number, paint: Paint): string[] {
  return parts.flatMap(({ result, clause, because, parts: inner }) => [
    `${"  ".repeat(depth)}${mark(result, paint)} ${printable(clause)}  ${paint("dim", printable(because))}`,
    ...clauseLines(inner, depth + 1, paint),
  ]);
}

function sessionText(id: string, name: string, revision?: number): string {
  const since = revision === undefined ? "" : `, revision ${revision}`;
  return printable(`session ${id} (${name}${since})`);
}

function mark(result: boolean, paint: Paint): string {
  return result ? paint("green", "✓") : paint("red", "✗");
}

function factsText(decision: DecisionRecord): string {
  const { peer, port, protocol, revision, firstByteMs, bytesIn, bytesOut, headerNames } = decision;
  const facts = [
    `from ${printable(peer)} to port ${port}, ${protocol}`,
    ...(revision === 0 ? [] : [`revision ${revision}`]),
    ...(firstByteMs === null ? [] : [`first byte after ${firstByteMs.toFixed(1)} ms`]),
    `${bytesIn} bytes in, ${bytesOut} out`,
    ...(decision.isProbe ? ["a health probe"] : []),
    ...(headerNames.length === 0 ? [] : [`fields ${printable(headerNames.join(", "))}`]),
  ];
  return facts.join("; ");
}

/** As the clock of this machine shows it, to the millisecond. */
export function clockTime(at: number): string {
  const time = new Date(at);
  return `${time.toTimeString().slice(0, 8)}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}
