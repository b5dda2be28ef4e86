import type { Endpoint } from "../../../../../kernel/index.ts";
import type { Notices } from "../../notices.ts";

/** That somebody was not asked who could only be met on a link. */
export function tellOfOneLink(notices: Notices, { address }: Endpoint): void {
  notices.tell(
    "one link",
    `not sent: ${address} is a group, a broadcast or of one link (multicast(7)), which does not leave from the pod: ` +
      `--outgoing 'local:${address}' lets it leave from this machine`,
  );
}
