import type { Fields, RequestHead } from "../http/index.ts";
import { isNamed } from "./header-test.ts";
import { originForm, pathEnd } from "./origin-form.ts";
import { hasAt } from "./pattern/pattern.ts";

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

const mediaType = "application/grpc";

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
  if (!hasGrpcContentType(head.fields)) return "content-type";
  const path = originForm(head);
  if (path === undefined || path.charCodeAt(0) !== 0x2f) return "path";
  const end = pathEnd(path);
  const slash = path.lastIndexOf("/", end - 1);
  if (slash < 2 || slash === end - 1) return "path";
  return { path, slash, end };
}

/** Of a repeated content-type the first one counts. Looks at the fields in place: every bystander is asked this. */
function hasGrpcContentType(fields: Fields): boolean {
  const { text, marks } = fields;
  for (let index = 0; index < fields.count; index++) {
    if (!isNamed(fields, index, "content-type")) continue;
    let at = marks[index * 4 + 2] as number;
    const end = marks[index * 4 + 3] as number;
    if (end - at < mediaType.length || !hasAt(text, at, mediaType, true)) return false;
    at += mediaType.length;
    if (at === end || text.charCodeAt(at) === 0x2b) return true;
    // RFC 9110 §5.6.6: blanks may stand before a semicolon.
    while (at < end && (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09)) at++;
    return at < end && text.charCodeAt(at) === 0x3b;
  }
  return false;
}
