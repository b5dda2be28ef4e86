import type { FileRuleList } from "../files/index.ts";
import type { Outgoing } from "../outgoing/index.ts";
import type { OutgoingRules } from "../outgoing/rules/index.ts";

/** What a program in a sandbox is to see of its pod, beside the variables. */
export interface PodView {
  /** The pod's own, IP literals of both families. */
  readonly addresses: readonly string[];
  /** Undefined leaves this machine's name. */
  readonly hostname: string | undefined;
  readonly outgoing: Outgoing;
  /** What `outgoing` decides by; sockets of unix(7) that stay here are none of its business. */
  readonly flowRules: OutgoingRules;
  readonly files: FileView;
}

export interface FileView {
  readonly rules: FileRuleList;
  /** The root of the pod's files, as `FileMount` gives it; null when no rule leads there. */
  readonly rootDescriptor: number | null;
  /** Told of a path before it is asked for (`FileMount.expect`). */
  readonly expect?: ((path: string) => void) | undefined;
  /** Contents that stand for files, by path. */
  readonly made: ReadonlyMap<string, Uint8Array>;
  /** What stands for one of those from now on, asked when it is opened; undefined when that is what it was. Never rejects. */
  readonly remade?: ((path: string) => Promise<Uint8Array | undefined>) | undefined;
}
