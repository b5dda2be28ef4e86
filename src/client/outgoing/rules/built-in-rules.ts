import type { OutgoingRule } from "./outgoing-rule.ts";

/** Sockets that stay closed to the program for one reason, unless a rule of the user names them. */
interface SocketGroup {
  readonly because: string;
  readonly paths: readonly string[];
}

/**
 * Services of this machine that answer questions for names. A program asks them before it asks a name server, and would be told
 * what the names mean here and not in the pod. All of its libraries go on to the name server when nobody is there.
 *
 * nscd answers for users and groups as well; libc then reads the files itself (nscd(8)). The system bus has many services; one is
 * systemd-resolved, whom nss-resolve of systemd before 247 asks there.
 */
const nameServices: readonly SocketGroup[] = [
  {
    because: "belongs to this machine's systemd-resolved, which would answer for names in place of the pod",
    paths: ["/run/systemd/resolve/**"],
  },
  {
    because: "belongs to this machine's nscd, which would answer for names in place of the pod",
    paths: ["/run/nscd/**"],
  },
  {
    because: "belongs to this machine's Avahi, which would answer for names in place of the pod",
    paths: ["/run/avahi-daemon/**"],
  },
  {
    because:
      "leads to this machine's system bus, where systemd-resolved would answer for names in place of the pod",
    paths: ["/run/dbus/system_bus_socket"],
  },
];

/** They come behind the user's rules. */
export const builtInRules: readonly OutgoingRule[] = nameServices.flatMap(({ because, paths }) =>
  paths.map(
    (path): OutgoingRule => ({
      where: "absent",
      flows: { kind: "unix", path },
      written: `absent:unix:${path}`,
      builtIn: because,
    }),
  ),
);
