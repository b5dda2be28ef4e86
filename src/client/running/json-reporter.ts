import {
  type ComparedRequest,
  type Comparison,
  type Difference,
  formatPlace,
  Secrets,
} from "../compare/index.ts";
import { formatAddress } from "../subscription-flags/index.ts";
import type { CoverageState, Reporter } from "./reporter.ts";

/**
 * One JSON object a line, for editors and scripts. A public contract; fields may be added, never renamed or removed.
 *
 * | event      | fields                                                                                       |
 * |------------|----------------------------------------------------------------------------------------------|
 * | `ready`    | target, agentPid, agentPort, backend, backendReason, session, mode, filter (tree or null),    |
 * |            | ports: [{ remote, local, subscription, revision, inPod (its number in the pod, if another) }]  |
 * |            | where the target has several members: members: [{ member, agentPid, agentPort, backend,      |
 * |            | session }] and coverage: { covered, of, missing: [{ member, message }] }                        |
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
  const tell = (event: string, fields: object): void => writeLine(JSON.stringify({ event, ...fields }));
  return {
    progress: () => undefined,
    ready: ({ coverage, ...session }) =>
      tell("ready", coverage === undefined ? session : { ...session, coverage: coverageFields(coverage) }),
    coverage: ({ member, change, ...report }) => {
      const failed = "message" in report ? report : undefined;
      const { message, hint = null, retryInMs } = failed ?? {};
      const about = failed === undefined ? {} : { message, hint, retryInMs };
      tell("coverage", { member, change, ...about, ...coverageFields(report) });
    },
    sandbox: (choice) => tell("sandbox", choice),
    environment: ({ process, isOverwritten }) => tell("environment-source", { process, isOverwritten }),
    port: (port) => tell("port", port),
    traced: (report) => tell("traced", report),
    decision: ({ type: _type, ...fields }) => tell("decision", fields),
    notice: ({ type: _type, ...fields }) => tell("notice", fields),
    local: ({ local, listener }) => {
      const owner = listener.state === "down" ? undefined : listener.owner;
      tell("local", {
        state: listener.state,
        address: formatAddress(local),
        port: local.port,
        name: owner?.name ?? null,
        pid: owner?.pid ?? null,
      });
    },
    taken: ({ remote, ...fields }) => tell("taken", { port: remote, ...fields }),
    filterChanged: ({ remote, ...fields }) => tell("filter-changed", { port: remote, ...fields }),
    connection: (report) => tell("connection", report),
    copies: (totals) => tell("copies", totals),
    comparison: (exchange) => tell("comparison", comparisonFields(exchange)),
    summary: (report) => tell("summary", { report }),
    inspector: ({ url }) => tell("inspector", { url }),
    leaving: (underWay, boundMs) => tell("leaving", { underWay, boundMs }),
    ended: ({ code, message, hint }) => tell("ended", { code, message, hint: hint ?? null }),
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
