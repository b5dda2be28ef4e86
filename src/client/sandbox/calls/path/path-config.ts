import type { FileRuleList } from "../../../files/index.ts";

/** What the supervisor's thread is told; plain data. */
export interface PathConfig {
  readonly rules: FileRuleList;
  /** Paths whose content is made, whatever it is at the time. */
  readonly made: readonly string[];
  /** How descriptors beneath the pod's root are recognised; null when there is no such root. */
  readonly root: PodRoot | null;
  /** Whether verdicts are to say what they were about. */
  readonly traces: boolean;
}

export interface PodRoot {
  /** The number of its mount. */
  readonly mount: bigint;
  /** What links of /proc say before a path beneath it; empty when it is attached nowhere. */
  readonly prefix: string;
}
