import t from "tap";
import type { MachineFacts } from "../../../../src/client/sandbox/namespace/machine-facts.ts";
import {
  refuseNamespace,
  refusePowerlessRoot,
  refuseWithout,
} from "../../../../src/client/sandbox/namespace/refusal.ts";

const machine: MachineFacts = {
  appArmorRestricts: false,
  hasRestrictingProfile: false,
  maxUserNamespaces: 15_000,
  maxNetworkNamespaces: 15_000,
  cloneForbidden: false,
  isFiltered: false,
  unshare: "/usr/bin/unshare",
};
const notPermitted = {
  step: "unshare",
  message: "unshare: unshare failed: Operation not permitted",
  ownUsers: true,
};

void t.test("each refusal names its cause and the command that removes it, and the other way", async (t) => {
  const cases: [failure: typeof notPermitted, facts: Partial<MachineFacts>, why: RegExp, wayOut: RegExp][] = [
    [
      notPermitted,
      { maxUserNamespaces: 0 },
      /max_user_namespaces is 0/,
      /sysctl -w user\.max_user_namespaces=15000/,
    ],
    [notPermitted, { maxUserNamespaces: undefined }, /has no user namespaces/, /as root/],
    [notPermitted, { maxNetworkNamespaces: 0 }, /max_net_namespaces is 0/, /user\.max_net_namespaces=15000/],
    [
      notPermitted,
      { cloneForbidden: true },
      /unprivileged_userns_clone is 0/,
      /sysctl -w kernel\.unprivileged_userns_clone=1/,
    ],
    [notPermitted, { isFiltered: true }, /seccomp filter/, /--security-opt seccomp=unconfined/],
    [notPermitted, {}, /forbids it to this user/, /chroot/],
    [{ ...notPermitted, ownUsers: false }, {}, /though this process has the capabilities/, /security module/],
    [
      { ...notPermitted, message: "unshare: unshare failed: No space left on device" },
      {},
      /as many namespaces as there may be/,
      /sysctl/,
    ],
    [
      { ...notPermitted, message: "unshare: unrecognized option '--keep-caps'" },
      {},
      /too old/,
      /util-linux 2\.36/,
    ],
    [
      {
        step: "layout",
        message: "nft: Error: Could not process rule: No such file or directory\ntproxy ip to",
        ownUsers: true,
      },
      {},
      /Could not process rule/,
      /modprobe -a nft_tproxy/,
    ],
    [{ step: "sockets", message: "nfnetlink_log: EINVAL", ownUsers: false }, {}, /nfnetlink_log/, /modprobe/],
  ];
  for (const [failure, facts, why, wayOut] of cases) {
    const refusal = refuseNamespace(failure, { ...machine, ...facts });
    t.equal(refusal.code, "sandbox-unavailable");
    t.match(refusal.message, why);
    t.match(refusal.hint, wayOut);
    t.match(refusal.hint, /--sandbox seccomp/);
  }
});

void t.test("apparmor.d(5): the profile is whole, and is for the program that calls unshare", async (t) => {
  const uidMap = {
    ...notPermitted,
    message: "unshare: write failed /proc/self/uid_map: Operation not permitted",
  };
  for (const failure of [
    notPermitted,
    uidMap,
    { ...notPermitted, step: "layout", message: "ip: RTNETLINK answers: Operation not permitted" },
  ]) {
    const { message, hint } = refuseNamespace(failure, {
      ...machine,
      appArmorRestricts: true,
      unshare: "/usr/bin/unshare",
    });
    t.match(message, /apparmor_restrict_unprivileged_userns is 1/);
    t.match(
      hint,
      `sudo tee /etc/apparmor.d/magpie-unshare >/dev/null <<'END'
abi <abi/4.0>,
include <tunables/global>

profile magpie-unshare /usr/bin/unshare flags=(unconfined) {
  userns,

  include if exists <local/magpie-unshare>
}
END
sudo apparmor_parser -r -W /etc/apparmor.d/magpie-unshare
`,
    );
  }
});

void t.test(
  "apparmor.d(5): a file has one profile, so that the distribution's own is taken away first",
  async (t) => {
    const facts = { ...machine, appArmorRestricts: true, hasRestrictingProfile: true };
    const { hint = "" } = refuseNamespace(notPermitted, facts);
    const removed = hint.indexOf("apparmor_parser -R /etc/apparmor.d/unshare-userns-restrict");
    t.ok(removed > 0 && removed < hint.indexOf("apparmor_parser -r -W"));
    t.match(hint, "sudo ln -s /etc/apparmor.d/unshare-userns-restrict /etc/apparmor.d/disable/");
  },
);

void t.test(
  "programs that are missing are named with their packages, and a root without power with what it lacks",
  async (t) => {
    const missing = refuseWithout({ programs: "nft", packages: "nftables" });
    t.match(missing.message, /takes nft/);
    t.match(missing.hint, /Install nftables/);
    t.match(refusePowerlessRoot().message, /CAP_SYS_ADMIN/);
  },
);
