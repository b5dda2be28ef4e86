import { decideLookup, isLoopback, type OutgoingRules } from "../rules/index.ts";
import { hostsLines } from "./hosts-file.ts";

/*
 * What a program reads in place of files of this machine, so that every resolver, whatever library it is in, asks the pod's name
 * servers. All are bytes; null is a file that is not there.
 */

/** /etc/resolv.conf: the pod's. Without one resolvers ask 127.0.0.1 (resolv.conf(5)); it is said, for those that would not. */
export function programsResolvConf(pods: Buffer | null): Buffer {
  return pods ?? Buffer.from("nameserver 127.0.0.1\n");
}

/**
 * /etc/hosts: the pod's, without names that rules give to this machine, which are looked up by DNS then. `localhost` stays, for
 * it is none that is looked up.
 */
export function programsHosts(pods: Buffer | null, rules: OutgoingRules): Buffer {
  if (pods === null) return Buffer.from("127.0.0.1\tlocalhost\n::1\tlocalhost\n");
  const lines = hostsLines(pods).map(({ text, entry }) => {
    if (entry === undefined || isLoopback(entry.address)) return text;
    const kept = entry.names.filter((name) => decideLookup(rules, name).where === "remote");
    if (kept.length === entry.names.length) return text;
    return kept.length === 0 ? "" : `${entry.address}\t${kept.join(" ")}\n`;
  });
  return Buffer.from(lines.join(""), "latin1");
}

/**
 * /etc/nsswitch.conf (nsswitch.conf(5)): this machine's, for its users and groups, but names of hosts come from files and DNS alone. A
 * module such as `resolve` or `mdns4_minimal` would ask a service of this machine; Go uses its own resolver only where it knows
 * all modules.
 */
export function programsNsswitch(yours: Buffer | null): Buffer {
  const lines = (yours?.toString("latin1") ?? "").match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const others = lines
    .filter((line) => !/^\s*hosts\s*:/i.test(line))
    .map((line) => line.replace(/\n?$/, "\n"));
  return Buffer.from(`${others.join("")}hosts: files dns\n`, "latin1");
}

/** /etc/hostname: the pod's. @param podName its name, where there is no such file */
export function programsHostname(pods: Buffer | null, podName: string): Buffer {
  return pods ?? Buffer.from(`${podName}\n`);
}
