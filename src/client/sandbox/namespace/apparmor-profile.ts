/** Ubuntu's own profile of unshare(1), from 25.04 on: it takes all capabilities from what unshare starts. */
export const restrictingProfile = "/etc/apparmor.d/unshare-userns-restrict";
const profileFile = "/etc/apparmor.d/magpie-unshare";

/**
 * What an administrator types once so that `unshare` may make user namespaces that are good for anything (apparmor.d(5)).
 * A profile is for the file that calls unshare(2): neither magpie nor node do, since only a process of one thread may.
 */
export function appArmorWayOut({
  unshare,
  isRestricted,
}: {
  /** The program's file, with links resolved: profiles are found by it. */
  unshare: string;
  /** Whether the distribution has a profile for it already: a file has one. */
  isRestricted: boolean;
}): string {
  const instead = isRestricted
    ? [
        `sudo ln -s ${restrictingProfile} /etc/apparmor.d/disable/`,
        `sudo apparmor_parser -R ${restrictingProfile}`,
      ]
    : [];
  return [
    `sudo tee ${profileFile} >/dev/null <<'END'`,
    "abi <abi/4.0>,",
    "include <tunables/global>",
    "",
    `profile magpie-unshare ${unshare} flags=(unconfined) {`,
    "  userns,",
    "",
    "  include if exists <local/magpie-unshare>",
    "}",
    "END",
    ...instead,
    `sudo apparmor_parser -r -W ${profileFile}`,
  ].join("\n");
}
