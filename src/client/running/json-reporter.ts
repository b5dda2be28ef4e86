import {
  type ComparedRequest,
  type Comparison,
  type Difference,
  formatPlace,
  Secrets,
} from "../compare/index.ts";
import { type JsonLine, textOfLine } from "../json-lines/index.ts";
import { formatAddress } from "../subscription-flags/index.ts";
import type { CoverageState, Reporter } from "./reporter.ts";

/**
 * One JSON object a line, for editors and scripts. A public contract; fields may be added, never renamed or removed.
 *
 * | event      | fields                                                                                       |
 * |------------|----------------------------------------------------------------------------------------------|
 * | `program-started` | pid: the program behind -- runs                                                       |
 * | `ready`    | target, agentPid, agentPort, backend, backendReason, session, mode, filter (tree or null),    |
 * |            | ports: [{ remote, local, subscription, revision, inPod (its number in the pod, if another) }]  |
 * |            | where the target has several members: members: [{ member, agentPid, agentPort, backend,      |
 * |            | session }] and coverage: { covered, of, missing: [{ member, message }] }                        |
 * | `hello`    | version (of this contract: 1), magpie (its version), command, pid; the first line             |
 * | `step`     | step (its number), state (began, done, failed), text; ms of done and failed                  |
 * | `coverage` | member, change (joined, left, failed), covered, of, missing as above; of failed message, hint  |
 * |            | and retryInMs, which is null when it is not tried again                                       |
 * | `sandbox`  | of exec: kind (namespace, seccomp, off), because                                              |
 * | `environment-source` | of exec: process: { pid, name, because }, isOverwritten                            |
 * | `port`     | of exec, when the program listens: program, host: { address, port } or null, requests (null    |
 * |            | without any): { target, mode, filter, remote, subscription, revision }                         |
 * | `traced`   | of exec --trace: kind (call, lookup, flow), what, about, outcome                               |
 * | `decision` | what `DecisionRecord` has: requestId, at, port, peer, method, target, verdict, reason,         |
 * |            | explanation, status, durationMs, subscription, revision, session, failure …                    |
 * | `notice`   | level (info, warning, error), code, message                                                  |
 * | `local`    | state (up, down, stranger), address, port, name and pid (null when unknown or down)            |
 * | `taken`    | port, subscription, code (taken, released, max-requests, time-over), message: the agent has   |
 * |            | ended a subscription                                                                          |
 * | `filter-changed` | port, subscription, filter (tree or null), revision, by: the port has another filter      |
 * | `connection` | state (lost, resumed, given-up, rejoined); graceMs of lost: so long it may come back;         |
 * |            | afterMs of resumed and rejoined; message of given-up: a new session is tried for              |
 * | all of these | member: the pod's name, where the target has several and it is about one of them        |
 * | `copies`   | sent, dropped, failed, skipped, unanswered, answersDropped, bytes, lastReason (or null)         |
 * | `comparison` | requestId, method, target, verdict (differs, incomparable), differences: [{ kind, place,      |
 * |            | original, local }], more, hidden: { rule, default, noise }, incomparable: [{ code, text }]       |
 * | `summary`  | report: what `--report` writes                                                                |
 * | `inspector` | url of a page that shows what passes here; a secret                                   |
 * | `leaving`  | underWay: exchanges that may still finish, within boundMs                                    |
 * | `ended`    | code (left, program-ended, bound-reached, released, taken or an error's), message, hint (null when there is none); the last line |
 */
export function jsonReporter(writeLine: (line: string) => void): Reporter {
  const tell = (line: JsonLine): void => writeLine(textOfLine(line));
  return {
    progress: () => undefined,
    programStarted: ({ pid }) => tell({ event: "program-started", pid }),
    step: (report) => tell({ event: "step", ...report }),
    ready: ({ coverage, ...session }) =>
      tell({
        event: "ready",
        ...session,
        ...(coverage === undefined ? {} : { coverage: coverageFields(coverage) }),
      }),
    coverage: ({ member, change, ...report }) => {
      const failed = "message" in report ? report : undefined;
      const { message, hint = null, retryInMs } = failed ?? {};
      const about = failed === undefined ? {} : { message, hint, retryInMs };
      tell({ event: "coverage", member, change, ...about, ...coverageFields(report) });
    },
    sandbox: ({ kind, because }) => tell({ event: "sandbox", kind, because }),
    environment: ({ process, isOverwritten }) =>
      tell({ event: "environment-source", process, isOverwritten }),
    port: (port) => tell({ event: "port", ...port }),
    traced: (report) => tell({ event: "traced", ...report }),
    decision: ({ type: _type, ...fields }) => tell({ event: "decision", ...fields }),
    notice: ({ type: _type, ...fields }) => tell({ event: "notice", ...fields }),
    local: ({ local, listener }) => {
      const owner = listener.state === "down" ? undefined : listener.owner;
      tell({
        event: "local",
        state: listener.state,
        address: formatAddress(local),
        port: local.port,
        name: owner?.name ?? null,
        pid: owner?.pid ?? null,
      });
    },
    taken: ({ remote, ...fields }) => tell({ event: "taken", port: remote, ...fields }),
    filterChanged: ({ remote, ...fields }) => tell({ event: "filter-changed", port: remote, ...fields }),
    connection: (report) => tell({ event: "connection", ...report }),
    copies: (totals) => tell({ event: "copies", ...totals }),
    comparison: (exchange) => tell({ event: "comparison", ...comparisonFields(exchange) }),
    summary: (report) => tell({ event: "summary", report }),
    inspector: ({ url }) => tell({ event: "inspector", url }),
    leaving: (underWay, boundMs) => tell({ event: "leaving", underWay, boundMs }),
    ended: ({ code, message, hint }) => tell({ event: "ended", code, message, hint: hint ?? null }),
  };
}

function coverageFields({ covered, of, missing }: CoverageState) {
  return { covered, of, missing };
}

const secrets = new Secrets();

/** Values are masked where they are shown to people, and so they are here. */
function comparisonFields({ request, comparison }: { request: ComparedRequest; comparison: Comparison }) {
  const { verdict, counts } = comparison;
  const differences = comparison.differences.map(({ kind, place, original, local }: Difference) => ({
    kind,
    place: formatPlace(place),
    original: original ?? null,
    local: local ?? null,
  }));
  return {
    requestId: request.id ?? null,
    method: request.method,
    target: secrets.text(request.target),
    verdict,
    differences,
    more: counts.differences - differences.length,
    hidden: counts.hidden,
    incomparable: comparison.incomparable.map(({ code, text }) => ({ code, text: secrets.text(text) })),
  };
}
