import type { Notices } from "../../notices.ts";
import type { RefusedSocketAbout } from "../fast/socket-call.ts";

/** Why the program did not get a socket that it wanted. */
export function tellOfRefusedSocket(notices: Notices, { kind, protocol }: RefusedSocketAbout): void {
  const what = kind === "raw" ? "a raw socket (raw(7))" : `a socket of protocol ${protocol} (protocols(5))`;
  notices.tell(
    `socket ${kind} ${protocol}`,
    `the program wanted ${what} and did not get it: only TCP and UDP leave from the pod`,
  );
}
