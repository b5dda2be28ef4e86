import { setImmediate as nextTurn } from "node:timers/promises";
import type { RequestHead } from "../../../http/index.ts";
import {
  type CompiledFilter,
  compileFilter,
  type Filter,
  FilterError,
  parseFilter,
} from "../../../filters/index.ts";
import { Fields } from "../../../http/index.ts";
import { InspectorError } from "../errors.ts";
import { linesOfRequest, readKeptRequest } from "../record/heads.ts";
import type { RecordedRequest } from "../record/recorded-request.ts";
import type { RequestStore } from "../record/request-store.ts";

/** Rows are looked at for so long at a time: requests pass by the same event loop. */
const sliceMs = 5;

/** Reads a filter as `--filter` takes it; null and "" are everything. @throws InspectorError 400 with the place */
export function filterOfText(text: string | null): Filter | null {
  if (text === null || text.trim() === "") return null;
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new InspectorError(400, error.message, { hint: error.hint || undefined, cause: error });
  }
}

/** Gives the rows that a filter takes, in order, without standing in the way of others for long. */
export async function matchingRows(
  store: RequestStore,
  filter: Filter | null,
  options: { readonly after?: number; readonly signal?: AbortSignal } = {},
): Promise<RecordedRequest[]> {
  const compiled = filter === null ? undefined : compileFilter(filter);
  const found: RecordedRequest[] = [];
  const until = store.lastId;
  let sliceEndMs = performance.now() + sliceMs;
  for (let id = Math.max(options.after ?? 0, store.forgottenUpTo) + 1; id <= until; id++) {
    const request = store.get(id);
    if (request !== undefined && takes(compiled, request)) found.push(request);
    if (performance.now() < sliceEndMs) continue;
    await nextTurn();
    options.signal?.throwIfAborted();
    sliceEndMs = performance.now() + sliceMs;
  }
  return found;
}

/** Whether a filter takes a request, as far as its head is known; a connection has none, and only "everything" takes it. */
export function takes(compiled: CompiledFilter | undefined, request: RecordedRequest): boolean {
  if (compiled === undefined) return true;
  const head = headOf(request);
  return head !== undefined && compiled.matches(head);
}

function headOf(request: RecordedRequest): RequestHead | undefined {
  const { row, head, imported } = request;
  if (head.form === "http1" || head.form === "http2") return readKeptRequest(head);
  if (row.method === "") return undefined;
  const lines = imported?.request.headers ?? linesOfRequest(head);
  return {
    method: row.method,
    target: row.path,
    version: row.protocol === "http2" ? "2" : "1.1",
    authority: row.host,
    fields: Fields.fromPairs(lines.filter(([name]) => !name.startsWith(":"))),
  };
}
