import type { Recording } from "../../trace/index.ts";
import type { Link, OpaqueReason } from "../link.ts";
import { Copies } from "./copies.ts";

const NO_HEAD = Buffer.alloc(0);

/**
 * Begins copies of what the client of a connection says, for those who mirror its port without a filter. There are none
 * of TLS that nobody reads: it means nothing to anybody but the app.
 */
export function copyBytes(
  link: Link,
  reason: OpaqueReason,
  recording: Recording | undefined,
): Copies | undefined {
  const mirrors = link.routes()?.mirrors?.unfiltered;
  if (mirrors === undefined || mirrors.length === 0 || reason.startsWith("tls")) return undefined;
  return Copies.ofRequest(link, mirrors, { kind: "tcp", isStolen: false, head: () => NO_HEAD, recording });
}
