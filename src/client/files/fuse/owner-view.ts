/**
 * Who files belong to, as the program shall see it: it stands in the app's place, so that what is the app's must be its own.
 * The kernel looks at owners, too: it refuses to write what belongs to a user that its name space does not know
 * (user_namespaces(7)), and to remove what is another's from a folder like /tmp.
 */
export interface OwnerView {
  /** The app's, in the pod. */
  readonly pod: { readonly user: number; readonly group: number };
  /** What they are shown as. */
  readonly shown: { readonly user: number; readonly group: number };
  /** Whether files of other users are shown as theirs, or as the app's too. */
  readonly others: "theirs" | "ours";
}

/** What the kernel is told. */
export function shownOwner(
  view: OwnerView,
  { user, group }: { user: number; group: number },
): { user: number; group: number } {
  const { pod, shown, others } = view;
  return {
    user: user === pod.user || others === "ours" ? shown.user : user,
    group: group === pod.group || others === "ours" ? shown.group : group,
  };
}

/** What the pod is asked for when the program names an owner; null, which leaves it, stays null. */
export function podOwner(
  { pod, shown }: OwnerView,
  { user, group }: { user: number | null; group: number | null },
): { user: number | null; group: number | null } {
  return {
    user: user === shown.user ? pod.user : user,
    group: group === shown.group ? pod.group : group,
  };
}
