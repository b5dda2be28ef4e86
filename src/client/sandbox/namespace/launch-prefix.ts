/**
 * The command that runs another one in the keeper's namespaces (nsenter(1)): it becomes that one by exec, in the same process.
 *
 * There is no mount namespace: entering one would lose the working directory, and all that is mounted later. In the user
 * namespace everybody keeps his own ids, and exec of a program takes the capabilities away that entering it gave.
 */
export function launchPrefix({ keeper, ownUsers }: { keeper: number; ownUsers: boolean }): string[] {
  const of = (kind: string): string => `/proc/${keeper}/ns/${kind}`;
  const users = ownUsers ? [`--user=${of("user")}`, "--preserve-credentials"] : [];
  return ["nsenter", ...users, `--net=${of("net")}`, `--uts=${of("uts")}`, "--"];
}
