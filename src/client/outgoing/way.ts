/** Where a flow leaves: from the pod, or from this machine. */
export type Way = "pod" | "local";
