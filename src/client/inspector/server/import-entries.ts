import { setImmediate as nextTurn } from "node:timers/promises";
import type { RecordedEntry } from "../har/index.ts";
import { RecordedAnswer } from "../record/recorded-request.ts";
import type { RequestStore } from "../record/request-store.ts";

/** Between so many others have their turn. */
const slice = 200;

/** Takes entries of a HAR file as rows. */
export async function importEntries(store: RequestStore, entries: readonly RecordedEntry[]): Promise<void> {
  for (const [index, { detail, bodies }] of entries.entries()) {
    const { at, ...row } = detail.row;
    const request = store.begin({ source: "imported", at });
    const { id: _id, source: _source, ...shown } = row;
    Object.assign(request.row, shown);
    request.imported = detail;
    request.importedWeight = JSON.stringify(detail).length;
    if (bodies.request !== null) store.keep(request.content, bodies.request);
    if (detail.answer !== null) {
      request.answer = new RecordedAnswer();
      if (bodies.answer !== null) store.keep(request.answer.content, bodies.answer);
    }
    if (detail.otherAnswer !== null) {
      request.other = new RecordedAnswer();
      if (bodies["other-answer"] !== null) store.keep(request.other.content, bodies["other-answer"]);
    }
    store.touch(request);
    if (index % slice === slice - 1) await nextTurn();
  }
}
