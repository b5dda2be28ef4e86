import type { HeaderPair } from "../../../http/index.ts";

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html: the service is not there just now. */
const GRPC_UNAVAILABLE = "14";

/** Whether a content-type is one of gRPC: `application/grpc`, or with a `+` or a parameter behind it. */
export function isGrpc(contentType: string | undefined): boolean {
  return /^application\/grpc(?:$|[+;\s])/i.test(contentType ?? "");
}

/** The trailers of a gRPC call that failed here. */
export function grpcStatus(text: string): HeaderPair[] {
  return [
    ["grpc-status", GRPC_UNAVAILABLE],
    ["grpc-message", percentEncoded(text)],
  ];
}

/** A whole answer without a body, for a stolen request that nobody can answer: of gRPC trailers only, else 502. */
export function http2FailureFields(failure: {
  readonly code: string;
  readonly text: string;
  readonly isGrpc: boolean;
}): HeaderPair[] {
  const reason: HeaderPair = ["magpie-error", failure.code];
  if (!failure.isGrpc) return [[":status", "502"], ["content-length", "0"], reason];
  return [
    [":status", "200"],
    ["content-type", "application/grpc"],
    ...grpcStatus(`magpie: ${failure.text}`),
    reason,
  ];
}

/** gRPC over HTTP/2, "Responses": what is not printable ASCII, and the percent sign, are encoded. */
function percentEncoded(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
