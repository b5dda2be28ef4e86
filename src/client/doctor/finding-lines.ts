import type { Finding, FindingLevel } from "../../kubernetes/index.ts";
import { type Paint, printable } from "../text/paint.ts";

const marks: Readonly<Record<FindingLevel, { readonly text: string; readonly style: Parameters<Paint>[0] }>> =
  {
    blocker: { text: "✗ blocker", style: "red" },
    warning: { text: "! warning", style: "yellow" },
    note: { text: "· note", style: "cyan" },
    ok: { text: "✓ ok", style: "green" },
  };
const margin = "           ";

/** Findings for people, each with why it matters and what to do; what several in a row have in common is said once. */
export function findingLines(findings: readonly Finding[], about: { paint: Paint; width: number }): string[] {
  const { paint, width } = about;
  const room = Math.max(40, width - margin.length);
  const block = (text: string): string[] =>
    text.split("\n").flatMap((line) => wrapped(printable(line), room));
  return findings.flatMap(({ level, what, why, fix }, index) => {
    const next = findings[index + 1];
    const isSaidBelow = { why: next?.level === level && next.why === why, fix: next?.fix === fix };
    const { text, style } = marks[level];
    const [first = "", ...rest] = block(what);
    return [
      `${paint(style, text)}${" ".repeat(margin.length - text.length)}${first}`,
      ...rest.map((line) => margin + line),
      ...(why === undefined || isSaidBelow.why ? [] : block(why).map((line) => margin + paint("dim", line))),
      ...(fix === undefined || isSaidBelow.fix
        ? []
        : block(`fix: ${fix}`).map((line) => margin + paint("bold", line))),
    ];
  });
}

/** One line that says what it all comes to. */
export function verdictLine(findings: readonly Finding[], paint: Paint): string {
  const count = (level: FindingLevel): number => findings.filter((finding) => finding.level === level).length;
  const [blockers, warnings] = [count("blocker"), count("warning")];
  const of = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
  if (blockers > 0) return paint("red", `${of(blockers, "blocker")}: it would not work as it is`);
  if (warnings > 0) return paint("yellow", `nothing in the way, ${of(warnings, "warning")}`);
  return paint("green", "nothing in the way");
}

/** Words of a line on as many lines as they take. */
function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
