import { existsSync, readFileSync, realpathSync } from "node:fs";
import { restrictingProfile } from "./apparmor-profile.ts";
import { findTools } from "./tools.ts";

/** What of this machine may forbid namespaces. */
export interface MachineFacts {
  /** kernel.apparmor_restrict_unprivileged_userns is 1 (Ubuntu from 23.10 on). */
  readonly appArmorRestricts: boolean;
  /** The distribution has a profile for unshare(1) that restricts it. */
  readonly hasRestrictingProfile: boolean;
  /** user.max_user_namespaces; undefined where the kernel has no user namespaces. */
  readonly maxUserNamespaces: number | undefined;
  /** user.max_net_namespaces. */
  readonly maxNetworkNamespaces: number | undefined;
  /** kernel.unprivileged_userns_clone is 0 (Debian's kernels). */
  readonly cloneForbidden: boolean;
  /** This process is under a seccomp filter, as in a container. */
  readonly isFiltered: boolean;
  /** The file of unshare(1), with links resolved. */
  readonly unshare: string;
}

export function readMachineFacts(root = "/"): MachineFacts {
  const setting = (name: string): string | undefined => readText(`${root}proc/sys/${name}`)?.trim();
  const number = (name: string): number | undefined => {
    const text = setting(name);
    return text === undefined ? undefined : Number(text);
  };
  const unshare = findTools().unshare ?? "/usr/bin/unshare";
  return {
    appArmorRestricts: setting("kernel/apparmor_restrict_unprivileged_userns") === "1",
    hasRestrictingProfile: existsSync(`${root}${restrictingProfile.slice(1)}`),
    maxUserNamespaces: number("user/max_user_namespaces"),
    maxNetworkNamespaces: number("user/max_net_namespaces"),
    cloneForbidden: setting("kernel/unprivileged_userns_clone") === "0",
    isFiltered: /^Seccomp:\s*2$/m.test(readText(`${root}proc/self/status`) ?? ""),
    unshare: existsSync(unshare) ? realpathSync(unshare) : unshare,
  };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // Settings that the kernel lacks have no file.
  }
}
