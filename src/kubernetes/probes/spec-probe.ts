import type { PodProbe } from "../../protocol/index.ts";

/** When a probe or hook is asked, as its spec calls it. */
export type ProbeRole =
  | "liveness probe"
  | "readiness probe"
  | "startup probe"
  | "postStart hook"
  | "preStop hook";

/** One probe or hook of a container, as its pod's spec has it. */
export interface SpecProbe {
  readonly role: ProbeRole;
  readonly container: string;
  /** Port of the pod where it arrives; undefined where it asks over none, or that cannot be known. */
  readonly port: number | undefined;
  /** What it does, for people: "GET /healthz", "runs pg_isready". */
  readonly does: string;
  /** How its requests are known on that port; undefined when they cannot be told from others, or there are none. */
  readonly known: PodProbe | undefined;
  /** What people should know of it, as a sentence. */
  readonly caveat?: string;
}

/** `liveness probe of container web` */
export function probeTitle({ role, container }: Pick<SpecProbe, "role" | "container">): string {
  return `${role} of container ${container}`;
}
