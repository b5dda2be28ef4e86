import { type Filter, formatFilter } from "../../filters/index.ts";
import { notesOnSources } from "../context/program-sources.ts";
import type { DecisionRecord } from "../../protocol/index.ts";
import type { LocalAddress, LocalChange, ProcessInfo } from "../process/index.ts";
import { durationText } from "../text/duration.ts";
import { wrapToWidth } from "../text/fit-width.ts";
import { type Paint, printable, printableLines } from "../text/paint.ts";
import { formatAddress } from "../subscription-flags/index.ts";
import type { StepDisplay } from "./step-display.ts";
import type {
  ConnectionReport,
  CopyTotals,
  CoverageState,
  MemberChange,
  PortReport,
  ReadySession,
  Reporter,
} from "./reporter.ts";

/** A reporter of a command that compares nothing. */
export type PlainReporter = Omit<Reporter, "comparison" | "summary">;

/** Plain sentences for people, one line each, but for what comes of comparing: that takes more to be loaded. */
export function plainTextReporter(
  writeLine: (line: string) => void,
  paint: Paint,
  steps: Pick<StepDisplay, "step" | "calm" | "textColumns"> = noSteps,
): PlainReporter {
  const seen = new Set<string>();
  const say = sayer(writeLine, paint);
  return {
    progress: (text) => say(paint("dim", printableLines(text))),
    programStarted: () => steps.calm(),
    step: (report) => steps.step(report),
    ready: (session) => {
      for (const line of readyLines(session, paint)) say(line);
    },
    sandbox: ({ kind, because }) => say(`sandbox ${paint("bold", kind)}: ${printable(because)}`),
    environment: (source) => {
      const { whose, missing } = notesOnSources(source);
      say(paint("dim", printable(whose)));
      if (missing !== undefined) say(paint("yellow", printable(missing)));
    },
    port: (port) => {
      // Where it is found under its own number, and has no requests, there is nothing that its program does not say.
      if (port.requests !== null || placeHere(port) !== undefined) say(portLine(port, paint));
    },
    traced: ({ what, about, outcome }) => {
      const text = [what, about]
        .filter((part) => part !== "")
        .map(printable)
        .join(" ");
      say(paint("dim", `${text} → ${printable(outcome)}`));
    },
    decision: (decision) => say(decisionLine(decision, paint)),
    notice: ({ level, message, member }) => {
      const colour = level === "error" ? "red" : level === "warning" ? "yellow" : "dim";
      say(paint(colour, printable(`${whose(member)}${message}`)));
    },
    coverage: (report) => {
      const line = coverageLine(report);
      say(paint(report.change === "failed" ? "yellow" : "dim", printable(line)));
      if (report.change === "failed" && report.hint !== undefined) say(paint("dim", printable(report.hint)));
    },
    local: (change) => {
      const address = formatAddress(change.local);
      say(localLine(change, paint, seen.has(address)));
      if (change.listener.state !== "down") seen.add(address);
    },
    taken: ({ remote, code, message, member }) =>
      code === "taken"
        ? say(paint("yellow", printable(`${whose(member)}port ${remote} is not ours any more: ${message}`)))
        : say(paint("dim", `port ${remote} is given back: ${printable(message)}`)),
    filterChanged: ({ remote, filter, revision, by }) => {
      const what = paint("bold", printable(whichRequests(filter)));
      say(`port ${remote}: ${what} from now on, as ${printable(by)} asked (revision ${revision})`);
    },
    copies: (totals) => say(paint("dim", copiesLine(totals))),
    connection: (report) => {
      const isGood = report.state === "resumed" || report.state === "rejoined";
      say(paint(isGood ? "green" : "yellow", `${printable(whose(report.member))}${connectionText(report)}`));
    },
    inspector: ({ url }) => say(`inspector: ${paint("cyan", url)}`),
    leaving: (underWay, boundMs) => {
      const within = boundMs === null ? "" : ` within ${boundMs / 1_000} s`;
      const what = `${count(underWay, "exchange")} may still finish${within}`;
      if (underWay > 0) say(paint("dim", `leaving; ${what}, Ctrl-C ends at once`));
    },
    ended: ({ code, message, hint }) => {
      const failed = !goodEnds.has(code);
      // Names of others and words of the agent may be in it.
      const broken = (text: string): string =>
        wrapToWidth(printableLines(text), steps.textColumns()).join("\n        ");
      say(failed ? paint("red", broken(message)) : broken(message));
      if (hint !== undefined) say(paint("dim", broken(hint)));
    },
  };
}

const noSteps = { step: () => undefined, calm: () => undefined, textColumns: () => Infinity };

/** Gives what writes a line of ours, so that it is known from a program's. */
export function sayer(writeLine: (line: string) => void, paint: Paint): (text: string) => void {
  const mark = paint("dim", "magpie");
  return (text) => writeLine(`${mark}  ${text}`);
}

const goodEnds = new Set(["left", "program-ended", "bound-reached", "released"]);

function readyLines(session: ReadySession, paint: Paint): string[] {
  const which = whichRequests(session.filter);
  return [
    `${session.mode === "steal" ? "stealing" : "mirroring"} ${paint("bold", printable(which))} of ${paint("bold", session.target)}${membersText(session)}`,
    ...missingLines(session, paint),
    ...session.ports.map(
      ({ remote, inPod, local }) =>
        `port ${paint("cyan", String(remote))}${inPod === undefined ? "" : ` (${inPod} in the pod)`} → ${paint("cyan", local)}`,
    ),
    paint("dim", printable(agentText(session))),
    paint("dim", "Ctrl-C ends it"),
  ];
}

/** So many members are named. */
const maxNamed = 8;

function membersText({ members, coverage }: ReadySession): string {
  if (members === undefined || coverage === undefined) return "";
  const { covered, of, noun } = coverage;
  const what = covered === of ? count(of, noun) : `${covered} of ${count(of, noun)}`;
  const names = members.slice(0, maxNamed).map(({ member }) => member);
  return printable(` (${what}: ${names.join(", ")}${members.length > maxNamed ? ", …" : ""})`);
}

function missingLines({ coverage }: ReadySession, paint: Paint): string[] {
  const { missing = [] } = coverage ?? {};
  const lines = missing
    .slice(0, maxNamed)
    .map(({ member, message }) =>
      message === null
        ? `${member} is still being joined`
        : `${member} cannot be joined: ${message}; it is tried again`,
    );
  const more = missing.length > maxNamed ? [`and ${missing.length - maxNamed} more`] : [];
  const texts = [...lines, ...more, ...(missing.length > 0 ? ["until then the app answers there"] : [])];
  return texts.map((text) => paint("yellow", printable(text)));
}

function agentText({ members, ...session }: ReadySession): string {
  if (members === undefined || members.length < 2)
    return `agent pid ${session.agentPid}, ${session.backend}: ${session.backendReason}`;
  const backends = [...new Set(members.map(({ backend }) => backend))].join(", ");
  return `${members.length} agents, ${backends}`;
}

function coverageLine(report: CoverageState & MemberChange): string {
  const { covered, of, noun, member } = report;
  const state = covered === of ? count(of, noun) : `${covered} of ${count(of, noun)}`;
  if (report.change === "joined") return `${member} is joined: ${state}`;
  if (report.change !== "failed")
    return `${member} is gone: ${of === 0 ? `no ${noun.one} is there; waiting for one` : state}`;
  const { message, retryInMs } = report;
  const next =
    retryInMs === null ? "it is not tried again" : `the next attempt is in ${durationText(retryInMs)}`;
  return `${state}: ${member} cannot be joined: ${message}; until then the app answers there; ${next}`;
}

/** How a line about one of several begins. */
function whose(member: string | undefined): string {
  return member === undefined ? "" : `${member}: `;
}

/** Where a port of the program is found on this machine, when that is not its own number. */
function placeHere({ host, program }: PortReport): LocalAddress | undefined {
  return host === null || host.port === program ? undefined : host;
}

function portLine(port: PortReport, paint: Paint): string {
  const { program, requests } = port;
  const own = paint("cyan", String(program));
  const place = placeHere(port);
  const here = place === undefined ? "" : `, here at ${paint("cyan", formatAddress(place))}`;
  if (requests === null) return `your port ${own}${here}`;
  const { mode, filter, target, remote } = requests;
  const doing = mode === "steal" ? "stealing" : "mirroring";
  const which = paint("bold", printable(whichRequests(filter)));
  return `${doing} ${which} of ${printable(target)} port ${paint("cyan", String(remote))} → your port ${own}${here}`;
}

function whichRequests(filter: Filter | null): string {
  return filter === null ? "every request" : `requests with ${formatFilter(filter)}`;
}

function decisionLine(decision: DecisionRecord, paint: Paint): string {
  const { status, durationMs, failure } = decision;
  const request = printable(`${decision.method} ${decision.target}`.trim());
  const parts = [request || `connection to port ${decision.port}`, "→", answerer(decision, paint)];
  if (status !== null) parts.push(statusText(status, paint));
  if (durationMs !== null) parts.push(`${durationMs.toFixed(1)} ms`);
  if (failure !== null) parts.push(paint("yellow", `but ${printable(failure)}`));
  return [...parts, paint("dim", `(${printable(decision.reason)}) #${printable(decision.requestId)}`)].join(
    " ",
  );
}

function copiesLine(totals: CopyTotals): string {
  const { sent, dropped, failed, skipped, unanswered, answersDropped, lastReason } = totals;
  const parts = [`${sent} sent`, `${dropped} dropped`, `${failed} failed`, `${skipped} skipped`];
  if (unanswered > 0) parts.push(`${unanswered} not answered`);
  if (answersDropped > 0) parts.push(`${count(answersDropped, "answer")} of the app not copied`);
  const why = lastReason === null ? "" : ` (${printable(lastReason)})`;
  return `copies: ${parts.join(", ")}${why}`;
}

/** Who answered; with a subscription of ours and yet the original, it had to step in. */
function answerer({ verdict, subscription }: DecisionRecord, paint: Paint): string {
  if (verdict === "original")
    return subscription === null ? "original" : paint("yellow", "original, not you");
  return subscription === null ? paint("dim", verdict) : paint("green", "you");
}

function connectionText(report: ConnectionReport): string {
  if (report.state === "lost")
    return `the connection to the agent is lost; requests wait; trying to rejoin for ${durationText(report.graceMs)}`;
  if (report.state === "given-up") return `${printable(report.message)}; starting over`;
  const after = durationText(report.afterMs);
  return report.state === "resumed"
    ? `the connection is back after ${after}; nothing was lost`
    : `joined again after ${after}; until now the app answered`;
}

function statusText(status: number, paint: Paint): string {
  return paint(status >= 500 ? "red" : status >= 400 ? "yellow" : "green", String(status));
}

function localLine({ local, listener }: LocalChange, paint: Paint, wasThere: boolean): string {
  const address = formatAddress(local);
  if (listener.state === "down") {
    const down = `nothing listens on ${address} ${wasThere ? "any more" : "yet"}`;
    if (listener.elsewhere === undefined) return paint("yellow", down);
    const other = formatAddress({ address: listener.elsewhere.address, port: local.port });
    const who = ownerText(listener.elsewhere.owner);
    return paint("yellow", `${down}; ${who} listens on ${other}: map the port to that address`);
  }
  const text = `${ownerText(listener.owner)} listens on ${address}`;
  return listener.state === "up" ? text : paint("yellow", `${text}, not your program: it gets no request`);
}

function ownerText(owner: ProcessInfo | undefined): string {
  return owner === undefined ? "another user's process" : `${printable(owner.name)} (pid ${owner.pid})`;
}

function count(many: number, what: string | CoverageState["noun"]): string {
  const { one, many: several } = typeof what === "string" ? { one: what, many: `${what}s` } : what;
  return `${many} ${many === 1 ? one : several}`;
}
