import type { RequestHead } from "../http/index.ts";
import { originForm, pathEnd } from "./origin-form.ts";

/** What a gRPC request calls: `path.slice(1, slash)` is the service, `path.slice(slash + 1, end)` the method. */
export interface GrpcCall {
  /** The target in origin-form. */
  readonly path: string;
  /** Where the slash between service and method is. */
  readonly slash: number;
  /** Where the method ends: at a query, which no gRPC client sends, or with the path. */
  readonly end: number;
}

/** Why a request is no gRPC call: the first thing about it that none has. */
export type NoGrpcCall = "method" | "content-type" | "path";

/** A whole media type, or one with a `+proto` of its own, or parameters behind it. */
const grpcContentType = /^application\/grpc(?:$|\+|[ \t]*;)/i;

/**
 * What a request calls, or why it is no gRPC call: it is a POST to `/service/method` whose content-type is
 * `application/grpc`, alone or followed by `+` or `;`
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Request-Headers). The service is everything up to
 * the last slash, as gRPC servers split it; neither may be empty. HTTP versions make no difference.
 *
 * gRPC-Web (`application/grpc-web`) is another protocol, with its trailers in the body: a gRPC server does not
 * understand it, so it is none here.
 */
export function grpcCall(head: RequestHead): GrpcCall | NoGrpcCall {
  if (head.method !== "POST") return "method";
  const contentType = head.fields.first("content-type");
  if (contentType === undefined || !grpcContentType.test(contentType)) return "content-type";
  const path = originForm(head);
  if (path === undefined || path.charCodeAt(0) !== 0x2f) return "path";
  const end = pathEnd(path);
  const slash = path.lastIndexOf("/", end - 1);
  if (slash < 2 || slash === end - 1) return "path";
  return { path, slash, end };
}
