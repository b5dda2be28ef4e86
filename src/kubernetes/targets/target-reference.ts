/** What of a cluster a target may be. */
export type TargetKind =
  | "pod"
  | "deployment"
  | "statefulset"
  | "daemonset"
  | "replicaset"
  | "job"
  | "cronjob"
  | "service"
  | "rollout"
  | "label";

/** A target as it was written. Nothing is known of it yet. */
export interface TargetReference {
  /** For messages: `deployment/web/container/app`, with the kind in full. */
  readonly label: string;
  readonly kind: TargetKind;
  /** The object's name; of `label` the selector, `app=web,tier=front`. */
  readonly name: string;
  /** Which container of its pods; chosen when absent. */
  readonly container: string | undefined;
}
