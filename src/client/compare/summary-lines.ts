import type { DifferenceExample, RouteReport, SummaryReport } from "./summary-report.ts";

const maxRoutes = 10;
const maxPlaces = 8;
const oneLineCharacters = 72;

/** The account as lines for a terminal, without colours: what differs first, then what was left out and why. */
export function summaryLines(report: SummaryReport): string[] {
  const lines = [headline(report)];
  const differing = report.routes.filter((route) => route.pairs.differs > 0);
  for (const route of differing.slice(0, maxRoutes)) lines.push("", ...routeLines(route));
  const more = differing.length - Math.min(differing.length, maxRoutes);
  if (more > 0)
    lines.push("", `… and ${plural(more, "more route")} with differences; the JSON report has them.`);
  if (report.moreRoutes.differs > 0)
    lines.push("", `${plural(report.moreRoutes.differs, "more answer")} of further routes differ.`);
  const foot = [...incomparableLines(report), ...leftOutLines(report), ...timeLines(report)];
  if (foot.length > 0) lines.push("", ...foot);
  return lines;
}

function headline({ pairs }: SummaryReport): string {
  if (pairs.total === 0) return "Nothing was compared: no answer came.";
  const compared = pairs.same + pairs.differs;
  if (compared === 0)
    return `Nothing was compared: none of ${plural(pairs.total, "pair")} of answers could be.`;
  const subject = `Compared ${plural(compared, "answer")} with the original's`;
  if (pairs.differs === 0) return `${subject}: ${pairs.same === 1 ? "it is" : "all are"} the same.`;
  if (pairs.same === 0) return `${subject}: ${compared === 1 ? "it differs" : "all differ"}.`;
  return `${subject}: ${pairs.differs} ${pairs.differs === 1 ? "differs" : "differ"}, ${pairs.same} ${pairs.same === 1 ? "is" : "are"} the same.`;
}

function routeLines(route: RouteReport): string[] {
  const { differs, total } = route.pairs;
  const lines = [
    `${route.route}   ${differs} of ${total} ${differs === 1 ? "differs" : "differ"}   (original → local)`,
  ];
  const places = route.places.slice(0, maxPlaces);
  const width = Math.min(40, Math.max(0, ...places.map(({ place }) => place.length)));
  for (const { place, answers, example } of places) {
    const begin = `  ${place.padEnd(width)}  ${`${answers}×`.padStart(4)}  `;
    lines.push(...exampleLines(begin, example));
  }
  const rest = route.places.length - places.length;
  if (rest > 0 || route.morePlaces > 0)
    lines.push(`  … and ${rest > 0 ? plural(rest, "more place") : "more places"}`);
  return lines;
}

/** On one line where it fits; long values stand below each other, so that the eye finds what differs. */
function exampleLines(begin: string, { original, local }: DifferenceExample): string[] {
  const [one, other] = [original ?? "nothing", local ?? "nothing"];
  if (one === other) return [`${begin}${one} → another one`]; // masked, or different behind what is shown
  if (one.length + other.length <= oneLineCharacters) return [`${begin}${one} → ${other}`];
  return [begin.trimEnd(), `      original  ${one}`, `      local     ${other}`];
}

function incomparableLines({ pairs, incomparable }: SummaryReport): string[] {
  if (incomparable.length === 0) return [];
  const reasons = incomparable.map(({ answers, example }) => `${answers}× ${example}`);
  const subject = pairs.incomparable > 0 ? plural(pairs.incomparable, "pair") : "Parts";
  return [`${subject} could not be compared: ${reasons.join("; ")}.`];
}

function leftOutLines({ hidden, rules }: SummaryReport): string[] {
  const say = (by: "default" | "rule" | "noise", how: string) => {
    if (hidden[by] === 0) return [];
    const names = rules.filter((rule) => rule.by === by).map(({ rule }) => rule);
    const shown = names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "");
    return [`${hidden[by]} ${how} (${shown})`];
  };
  const parts = [
    ...say("default", "by default"),
    ...say("rule", "by --ignore"),
    ...say("noise", "learned as noise"),
  ];
  if (parts.length === 0) return [];
  const hint =
    hidden.default > 0 || hidden.noise > 0 ? " --ignore '+header:date' compares what is left out." : "";
  return [`Left out: ${parts.join(", ")}.${hint}`];
}

function timeLines({ medianMs }: SummaryReport): string[] {
  if (medianMs.original === null || medianMs.local === null) return [];
  return [
    `Half of the answers took less than ${shownMs(medianMs.original)}, the local ones ${shownMs(medianMs.local)}.`,
  ];
}

function shownMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
