import type { Http1Request } from "../../../http/index.ts";
import type { PortMirrors } from "../../routing/index.ts";
import type { Recording } from "../../trace/index.ts";
import { withoutH2c } from "../h2c-upgrade.ts";
import type { Link } from "../link.ts";
import { Copies } from "./copies.ts";

/** Begins copies of a request for those on its port who want one. `raw` gives its head as it was received. */
export function copyHttp1(
  link: Link,
  about: {
    readonly mirrors: PortMirrors;
    readonly head: Http1Request;
    readonly recording: Recording | undefined;
    readonly isStolen: boolean;
  },
  raw: () => Buffer,
): Copies | undefined {
  const { mirrors, head, recording, isStolen } = about;
  // As it is offered where it is stolen.
  return Copies.ofRequest(link, mirrors.of(head), {
    kind: "http1",
    head: () => withoutH2c(head) ?? raw(),
    recording,
    isStolen,
  });
}
