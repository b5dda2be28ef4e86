import type { Http1Request } from "../../../http/index.ts";
import type { PortMirrors } from "../../routing/index.ts";
import { withoutH2c } from "../h2c-upgrade.ts";
import type { Link } from "../link.ts";
import { Copies } from "./copies.ts";

/** Begins copies of a request whose head is `bytes[start, end)`, for those on its port who want one. */
export function copyHttp1(
  link: Link,
  mirrors: PortMirrors | undefined,
  head: Http1Request,
  at: { readonly bytes: Buffer; readonly start: number; readonly end: number },
): Copies | undefined {
  if (mirrors === undefined) return undefined;
  return Copies.ofRequest(link, mirrors.of(head), {
    kind: "http1",
    // As it is offered where it is stolen.
    head: () => withoutH2c(head) ?? Buffer.from(at.bytes.subarray(at.start, at.end)),
  });
}
