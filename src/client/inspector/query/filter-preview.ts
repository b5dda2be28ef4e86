import {
  compileFilter,
  type Filter,
  FilterError,
  formatFilter,
  parseFilter,
} from "../../../filters/index.ts";
import { ProtocolError, triedFilter } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { type InspectedSession, memberRequestId } from "../../running/index.ts";
import type { FilterChange, FilterPreview } from "../page-contract.ts";
import type { RequestStore } from "../record/request-store.ts";
import { matchingRows, takes } from "./row-filter.ts";

/** Agents of so many members are asked; what one says mostly holds for all. */
const maxAsked = 3;
const askMs = 2_000;
/** How many of its requests an agent looks at. */
const lastTried = 10_000;

/** Says what another filter of a port would have done to the rows that are kept, and with whom it overlaps. */
export async function previewFilter(
  store: RequestStore,
  { port, filter: text }: FilterChange,
  sessions: readonly InspectedSession[],
): Promise<FilterPreview> {
  const filter = orProblem(text);
  if ("problem" in filter)
    return { ...filter, matching: 0, of: 0, wouldGain: [], wouldLose: [], overlaps: [] };
  const compiled = filter.filter === null ? undefined : compileFilter(filter.filter);
  const tried = await tryOn(sessions, { port, filter: filter.filter });
  let matching = 0;
  let of = 0;
  const wouldGain: number[] = [];
  const wouldLose: number[] = [];
  for (const request of await matchingRows(store, null)) {
    const { row, requestId } = request;
    if (row.port !== port || request.source !== "live") continue;
    of++;
    // Of who went past us only the agent knows the values of fields.
    const isTaken = takes(compiled, request) || (row.headsOnly && tried.matching.has(requestId));
    if (isTaken) matching++;
    if (row.isProbe) continue;
    if (isTaken && row.what === "passed") wouldGain.push(request.id);
    if (!isTaken && row.what !== "passed") wouldLose.push(request.id);
  }
  return { problem: null, matching, of, wouldGain, wouldLose, overlaps: tried.overlaps };
}

function orProblem(text: string | null): { filter: Filter | null } | Pick<FilterPreview, "problem"> {
  if (text === null || text.trim() === "") return { filter: null };
  try {
    return { filter: parseFilter(text) };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const at = error.source === "" ? null : error.position;
    return { problem: { message: error.message, at, hint: error.hint || null } };
  }
}

async function tryOn(
  sessions: readonly InspectedSession[],
  { port, filter }: { port: number; filter: Filter | null },
): Promise<{ matching: ReadonlySet<string>; overlaps: string[] }> {
  const matching = new Set<string>();
  const overlaps = new Set<string>();
  const asked = sessions.slice(0, maxAsked).map(async ({ session, proof, ports, member }) => {
    const inPod = ports.find(({ remote }) => remote === port)?.inPod ?? port;
    const question = {
      kind: "try-filter",
      as: proof,
      port: inPod,
      filter,
      priority: 0,
      last: lastTried,
    } as const;
    for await (const answer of session.ask(question, { signal: AbortSignal.timeout(askMs) })) {
      const tried = triedFilter(answer);
      for (const { requestId } of tried.examples)
        matching.add(member === undefined ? requestId : memberRequestId(member, requestId));
      for (const { name, filter, both, isDraftFirst } of tried.overlaps)
        overlaps.add(
          `${both === 0 ? "may share requests" : `shares ${both} requests`} with ${name} (${filter ?? "everything"}), ` +
            `${isDraftFirst ? "yours is" : "theirs is"} asked first`,
        );
      for (const { message } of tried.refusals) overlaps.add(`would be refused: ${message}`);
      return;
    }
  });
  for (const result of await Promise.allSettled(asked)) {
    // Without the agent's word the rows are still told.
    if (result.status === "rejected" && !isExpected(result.reason)) throw result.reason;
  }
  return { matching, overlaps: [...overlaps] };
}

function isExpected(error: unknown): boolean {
  return (
    error instanceof ClientError ||
    error instanceof ProtocolError ||
    (error instanceof DOMException && error.name === "TimeoutError")
  );
}

/** As the page shows it. */
export function filterText(filter: Filter | null): string | null {
  return filter === null ? null : formatFilter(filter);
}
