import type { Row } from "../../page-contract.ts";

/** What the list says of how it went, and in which colour. */
export interface StatusShown {
  readonly text: string;
  readonly tone: "good" | "moved" | "fault" | "broken" | "open" | "held";
  readonly title: string;
}

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const grpcNames = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

export function grpcStatusName(code: number): string {
  return grpcNames[code] ?? `code ${code}`;
}

export function statusOf(row: Row): StatusShown {
  const { status, grpcStatus, state, failure } = row;
  if (state === "held") return { text: "held", tone: "held", title: "waits to be released" };
  if (state === "failed")
    return { text: status === null ? "failed" : `${status} ✕`, tone: "broken", title: failure ?? "failed" };
  if (grpcStatus !== null) {
    const name = grpcStatusName(grpcStatus);
    return {
      text: grpcStatus === 0 ? "OK" : `code ${grpcStatus}`,
      tone: grpcStatus === 0 ? "good" : "broken",
      title: `gRPC ${name}`,
    };
  }
  if (status === null)
    return state === "over"
      ? { text: "–", tone: "open", title: "there is no status" }
      : { text: "…", tone: "open", title: "under way" };
  const title = state === "answering" ? `${status}, its content still comes` : String(status);
  if (status >= 500) return { text: String(status), tone: "broken", title };
  if (status >= 400) return { text: String(status), tone: "fault", title };
  if (status >= 300) return { text: String(status), tone: "moved", title };
  return { text: String(status), tone: status < 200 ? "moved" : "good", title };
}
