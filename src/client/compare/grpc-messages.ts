import { limits } from "./limits.ts";

/** One message of a gRPC body as it was sent. */
export interface GrpcMessage {
  readonly isCompressed: boolean;
  readonly payload: Buffer;
}

/** The messages of a gRPC body. `rest`: bytes of a message that is not all there. */
export type GrpcMessages =
  | { readonly messages: readonly GrpcMessage[]; readonly restBytes: number }
  | { readonly fault: "bad-flag" | "too-many" };

/**
 * Takes a body apart: one byte that says whether it is compressed, four of length, the message
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message).
 */
export function splitGrpcMessages(bytes: Buffer): GrpcMessages {
  const messages: GrpcMessage[] = [];
  let at = 0;
  while (at + 5 <= bytes.length) {
    const flag = bytes[at] as number;
    if (flag > 1) return { fault: "bad-flag" };
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) break;
    if (messages.length === limits.grpcMessages) return { fault: "too-many" };
    messages.push({ isCompressed: flag === 1, payload: bytes.subarray(at + 5, end) });
    at = end;
  }
  return { messages, restBytes: bytes.length - at };
}
