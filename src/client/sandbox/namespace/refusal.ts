import { ClientError } from "../../errors.ts";
import { appArmorWayOut } from "./apparmor-profile.ts";
import type { MachineFacts } from "./machine-facts.ts";

/** Where it went wrong, and in whose words: that of a `KeeperError`. */
export interface Failure {
  readonly step: string;
  readonly message: string;
  /** Whether a user namespace was to be made: root does without. */
  readonly ownUsers: boolean;
}

interface Explanation {
  /** The end of a sentence that begins with "no network namespace can be made:". */
  readonly why: string;
  readonly wayOut: string;
}

/** Why there can be no namespace for the program on this machine, and what to do about it: `sandbox-unavailable`. */
export function refuseNamespace(failure: Failure, machine: MachineFacts, cause?: unknown): ClientError {
  const { why, wayOut } = explain(failure, machine);
  return new ClientError(
    "sandbox-unavailable",
    `a network namespace for the program cannot be made: ${why}`,
    {
      hint: `${wayOut}\nOr write --sandbox seccomp, which needs none of it.`,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** The same for programs that are not installed. */
export function refuseWithout(missing: { programs: string; packages: string }): ClientError {
  return new ClientError(
    "sandbox-unavailable",
    `a network namespace takes ${missing.programs}, which is not here`,
    {
      hint: `Install ${missing.packages}, or write --sandbox seccomp, which needs none of it.`,
    },
  );
}

/**
 * The same for a root that is none. In a user namespace it would be root there and no more, and its program could not read
 * what root of this machine can.
 */
export function refusePowerlessRoot(): ClientError {
  const message =
    "a network namespace takes CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW, which root lacks here";
  return new ClientError("sandbox-unavailable", message, {
    hint:
      "In a container, start it with --cap-add SYS_ADMIN --cap-add NET_ADMIN --cap-add NET_RAW " +
      "--security-opt seccomp=unconfined --security-opt apparmor=unconfined.\n" +
      "Or write --sandbox seccomp, which needs none of it.",
  });
}

const forbidden = /Operation not permitted|Permission denied|EPERM|EACCES/;

function explain({ step, message, ownUsers }: Failure, machine: MachineFacts): Explanation {
  if (/unrecognized option|invalid option|unknown option/i.test(message))
    return {
      why: `this machine's unshare is too old, or not that of util-linux (${firstLine(message)})`,
      wayOut: "Install util-linux 2.36 or newer.",
    };
  if (machine.maxNetworkNamespaces === 0)
    return setting("there may be none (user.max_net_namespaces is 0)", "user.max_net_namespaces=15000");
  if (ownUsers && (step === "unshare" || forbidden.test(message))) {
    const byUsers = explainUserNamespaces(message, machine);
    if (byUsers !== undefined) return byUsers;
  }
  if (step === "unshare" && forbidden.test(message))
    return {
      why: `the kernel forbids it (${firstLine(message)}), though this process has the capabilities`,
      wayOut:
        "A security module or a container's seccomp profile does that: allow it unshare(2) and setns(2).",
    };
  if (step === "sockets" || step === "layout")
    return {
      why: firstLine(message),
      wayOut:
        "The kernel needs nf_tables with tproxy, socket and log, and nfnetlink_log. Where they are modules: " +
        "sudo modprobe -a nft_tproxy nft_socket nft_log nft_reject_inet nfnetlink_log",
    };
  return { why: firstLine(message), wayOut: "Please report what stands here: that was not expected." };
}

/** What keeps this user from a user namespace; the first that is known to. */
function explainUserNamespaces(message: string, machine: MachineFacts): Explanation | undefined {
  if (machine.maxUserNamespaces === undefined)
    return { why: "this kernel has no user namespaces", wayOut: "Run magpie as root." };
  if (machine.maxUserNamespaces === 0)
    return setting(`${noUsers} (user.max_user_namespaces is 0)`, "user.max_user_namespaces=15000");
  if (/No space left|ENOSPC|EUSERS/.test(message))
    return {
      why: "there are as many namespaces as there may be (user.max_user_namespaces, user.max_net_namespaces), or they are nested too deep",
      wayOut:
        "End some programs, or: sudo sysctl -w user.max_user_namespaces=60000 user.max_net_namespaces=60000",
    };
  if (machine.cloneForbidden)
    return setting(
      `${noUsers} (kernel.unprivileged_userns_clone is 0)`,
      "kernel.unprivileged_userns_clone=1",
    );
  if (!forbidden.test(message)) return undefined;
  if (machine.appArmorRestricts) {
    const profile = appArmorWayOut({ unshare: machine.unshare, isRestricted: machine.hasRestrictingProfile });
    return {
      why:
        "AppArmor lets ordinary users make only user namespaces that are good for nothing " +
        `(kernel.apparmor_restrict_unprivileged_userns is 1; ${firstLine(message)})`,
      wayOut:
        `An administrator can allow it to ${machine.unshare} alone, once:\n\n${profile}\n\n` +
        "or to every program: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    };
  }
  return {
    why: machine.isFiltered
      ? `a seccomp filter, as containers have one, forbids unshare(2) (${firstLine(message)})`
      : `the kernel forbids it to this user (${firstLine(message)})`,
    wayOut: machine.isFiltered
      ? "Start the container with --security-opt seccomp=unconfined, or magpie outside of it."
      : "It is so in a chroot, and where a security module forbids user namespaces. Run magpie elsewhere, or as root.",
  };
}

const noUsers = "ordinary users may make no user namespaces";

function setting(why: string, assignment: string): Explanation {
  return {
    why,
    wayOut:
      `An administrator can allow it: sudo sysctl -w ${assignment}\n` +
      `For good: echo ${assignment} | sudo tee /etc/sysctl.d/60-magpie.conf`,
  };
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
