import type { HeaderPair } from "../../../http/index.ts";
import type { ResetCode } from "../../../protocol/index.ts";
import { failureText } from "../delivery-failure.ts";
import { type HeaderList, plainList } from "./header-list.ts";

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const GrpcStatus = { cancelled: 1, internal: 13, unavailable: 14 } as const;

/** What is no fault of the way to the local process, which may be there again in a moment. */
const OTHER_STATUS: Partial<Record<ResetCode, number>> = {
  cancelled: GrpcStatus.cancelled,
  "protocol-error": GrpcStatus.internal,
  internal: GrpcStatus.internal,
  "flow-control": GrpcStatus.internal,
};

/** Whether a content-type is one of gRPC: `application/grpc`, or with a `+` or a parameter behind it. */
export function isGrpc(contentType: string | undefined): boolean {
  return /^application\/grpc(?:$|[+;\s])/i.test(contentType ?? "");
}

/** A whole answer without a body, for a stolen request that nobody can answer: of gRPC trailers only, else 502. */
export function failureHead(failure: {
  readonly code: ResetCode;
  readonly text: string;
  readonly isGrpc: boolean;
}): HeaderList {
  const reason: HeaderPair = ["magpie-error", failure.code];
  if (!failure.isGrpc) return plainList([[":status", "502"], ["content-length", "0"], reason]);
  const pairs: HeaderPair[] = [
    [":status", "200"],
    ["content-type", "application/grpc"],
    ...grpcStatus(failure.code, failure.text),
  ];
  return plainList([...pairs, reason]);
}

/** The trailers of a gRPC call that failed here while it was being answered. */
export function failureTrailers(code: ResetCode, text: string): HeaderList {
  return plainList(grpcStatus(code, text));
}

function grpcStatus(code: ResetCode, text: string): HeaderPair[] {
  return [
    ["grpc-status", String(OTHER_STATUS[code] ?? GrpcStatus.unavailable)],
    ["grpc-message", percentEncoded(`magpie: ${failureText(code, text)}`)],
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
