import type { Notices } from "../notices.ts";
import type { PodSocketAbout } from "./socket-config.ts";

/** Says that a socket was to be bound to a path of the pod, and how it may be. */
export function tellPodSocket({ path }: PodSocketAbout, notices: Notices): void {
  const how = `--file 'local:${path}' makes it this machine's`;
  notices.tell(`bind ${path}`, `no socket can be made at ${path}, which is the pod's; ${how}`);
}
