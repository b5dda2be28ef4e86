import type { Command } from "commander";
import { collect } from "./collect.ts";

/** The flags that say where flows of a program leave, as they were written. */
export interface OutgoingFlags {
  /** In the order of the command line. */
  readonly outgoing: readonly string[];
}

/** Adds the flags; what they are when they are not given is `noOutgoingGiven`. */
export function addOutgoingOptions(command: Command): Command {
  return command.option(
    "--outgoing <rule>",
    "where flows leave, like 'local:*.corp.example' or 'remote:10.0.0.0/8'; repeatable, the first that fits decides",
    collect,
  );
}

export const noOutgoingGiven: OutgoingFlags = { outgoing: [] };

/** What the commands say about the rules. */
export const outgoingRulesText = `
A rule is local: (this machine) or remote: (the pod) and what it is about, each part as far as it matters:
  local:*.corp.example   names, looked up here too    remote:tcp://[fd00::/8]:443  addresses, with protocol and port
  local:redis:6379       a name and a port            local:udp://*:53             every host, at a port or in a range
  remote:10.0.0.0/8      addresses                    remote:unix:/run/app/**      sockets; * stays in one name, ** does not
* in a name is any run of characters, dots too. A name means what stands before the pod's search domains as well: redis is also
redis.default.svc.cluster.local; with a dot at its end it does not. What no rule names leaves from the pod, also to localhost;
sockets of files stay on this machine, but for those that would answer for names in place of the pod.`;
