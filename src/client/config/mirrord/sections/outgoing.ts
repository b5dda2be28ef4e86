import { isIPv6 } from "node:net";
import { ClientError } from "../../../errors.ts";
import { parseOutgoingRule } from "../../../outgoing/rules/parse-outgoing-rule.ts";
import { withoutFlag } from "../../schema/problem-of-value.ts";
import { globsOfPattern } from "../globs-of-pattern.ts";
import type { MirrordDns, MirrordOutgoing } from "../shape/feature.ts";
import type { MirrordConfig } from "../shape/mirrord.ts";
import type { MirrordPath, TranslationReport } from "../translation-report.ts";
import { listOf } from "./list-of.ts";

const at: MirrordPath = ["feature", "network", "outgoing"];
const dnsAt: MirrordPath = ["feature", "network", "dns"];

/** Every address that means this machine to itself. */
const loopback = ["127.0.0.0/8", "[::1]"];

/**
 * `feature.network.outgoing` and `feature.network.dns` as rules, of which the first that fits decides.
 *
 * A rule for a name is about looking it up as well, and one for UDP to any host about name servers, where mirrord keeps the two
 * apart. So name servers have their own rule in front, where they differ from what follows.
 */
export function outgoingOf(config: MirrordConfig, report: TranslationReport): string[] {
  const { network } = config.feature ?? {};
  const all = network !== false;
  const parts = typeof network === "object" ? network : {};
  const outgoing = partsOf<MirrordOutgoing>(parts.outgoing ?? all);
  const dns = partsOf<MirrordDns>(parts.dns ?? all);
  const looksUpHere = dns === undefined || dns.enabled === false;
  const flows = flowRules(outgoing, report);
  const names = nameRules(looksUpHere ? {} : (dns ?? {}), { flows, report });
  const paths = pathRules(outgoing, report);
  const someLocal = flows.some((rule) => rule === "local:udp://*");
  const servers =
    looksUpHere || names.othersHere ? ["local:udp://*:53"] : someLocal ? ["remote:udp://*:53"] : [];
  if (servers.length > 0 && servers[0]?.startsWith("local:") === true) {
    // All that leaves from here is looked up here too, without a word.
    if (
      flows.length === 2 &&
      flows[0] === "local:tcp://*" &&
      flows[1] === "local:udp://*" &&
      names.rules.length === 0
    )
      return [...paths, "local:*"];
    // What name servers here have found leaves from here otherwise.
    const rest = flows.some((rule) => /^local:(?:tcp|udp):\/\/\*$/.test(rule))
      ? []
      : ["remote:tcp://*", "remote:udp://*"];
    return [...names.rules, ...servers, ...flows, ...paths, ...rest];
  }
  return [...names.rules, ...servers, ...flows, ...paths];
}

/** Undefined where it is switched off, and empty where nothing more is said. */
function partsOf<Parts extends object>(written: boolean | Parts): Partial<Parts> | undefined {
  if (typeof written === "object") return written;
  return written ? {} : undefined;
}

function flowRules(outgoing: MirrordOutgoing | undefined, report: TranslationReport): string[] {
  if (outgoing === undefined) return ["local:tcp://*", "local:udp://*"];
  const { tcp = true, udp = true, filter = {}, ignore_localhost: ignoresLocalhost = false } = outgoing;
  const off = [...(tcp ? [] : ["local:tcp://*"]), ...(udp ? [] : ["local:udp://*"])];
  const own = ignoresLocalhost ? loopback.map((host) => `local:${host}`) : [];
  const { where, items, path } = sidesOf(filter, { path: [...at, "filter"], report });
  const named = items.flatMap((item, index) => rulesOf(where, item, { path: [...path, index], report }));
  const others = where === "remote" && items.length > 0 ? ["local:tcp://*", "local:udp://*"] : [];
  return [...new Set([...off, ...own, ...named, ...others])];
}

function sidesOf(filter: NonNullable<MirrordOutgoing["filter"]>, { path, report }: Item) {
  const { local = [], remote } = filter;
  const where = remote === undefined ? "local" : "remote";
  if (filter.local !== undefined && remote !== undefined)
    report.problem(path, "has both local and remote, and each says all about the other", {
      hint: "Leave out one of them.",
    });
  const written = remote ?? local;
  return { where, items: listOf(written), path: [...path, where] } as const;
}

interface Item {
  readonly path: MirrordPath;
  readonly report: TranslationReport;
}

/** `[protocol://][name|address|network][:port]`. */
function rulesOf(where: "local" | "remote", item: string, { path, report }: Item): string[] {
  const [, scheme = "", host = "", port = ""] =
    /^((?:[A-Za-z]+:\/\/)?)(.*?)((?::\d+)?)$/s.exec(isIPv6(item) ? `[${item}]` : item) ?? [];
  const ports = port === ":0" ? "" : port;
  // mirrord looks the name up and compares addresses; a program that dials 127.0.0.1 asks nobody for a name.
  const hosts =
    host === "localhost" ? ["localhost", ...loopback] : [host === "" || host === "0.0.0.0/0" ? "*" : host];
  const rules = hosts.map((one) => {
    const bracketed = ports !== "" && isIPv6(one.split("/", 1)[0] ?? "") ? `[${one}]` : one;
    return `${where}:${scheme.toLowerCase()}${bracketed}${ports}`;
  });
  return rules.filter((rule) => isRule(rule, { path, report }));
}

function isRule(rule: string, { path, report }: Item): boolean {
  try {
    parseOutgoingRule(rule);
    return true;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const [message = ""] = withoutFlag(error.message).split("\n");
    report.problem(path, message, { hint: error.hint });
    return false;
  }
}

/** Names whose lookups have a side of their own, which no rule for their flows says too. */
function nameRules(
  dns: MirrordDns,
  { flows, report }: { flows: readonly string[]; report: TranslationReport },
): { rules: string[]; othersHere: boolean } {
  const { where, items, path } = sidesOf(dns.filter ?? {}, { path: [...dnsAt, "filter"], report });
  const rules = items.flatMap((item, index) => {
    const name = item.replace(/:\d+$/, "");
    const isName = name !== "" && !/[/[\]]/.test(name) && !/^[\d.]+$/.test(name);
    if (!isName) {
      report.notice(
        [...path, index],
        "a lookup is chosen by the name that is looked up, and this names none",
      );
      return [];
    }
    // A rule for a name is about looking it up, whatever it says of protocol and port.
    const isSaid = flows.some((rule) => hostOf(rule) === `${where}:${name}`);
    return isSaid ? [] : rulesOf(where, name, { path: [...path, index], report });
  });
  const isFlowLocal = flows.includes("local:tcp://*");
  if (rules.length > 0 && (where === "local") !== isFlowLocal) {
    const names = rules.map((rule) => rule.slice(where.length + 1)).join(", ");
    const same = where === "local" ? "here is dialled from here" : "in the pod is dialled from there";
    report.notice(path, `${names}: what is looked up ${same} too`);
  }
  return { rules, othersHere: where === "remote" && items.length > 0 };
}

/** A rule without protocol and port. */
function hostOf(rule: string): string {
  return rule.replace(/^(local|remote):(?:\w+:\/\/)?(.*?)(?::\d+)?$/, "$1:$2");
}

function pathRules(outgoing: MirrordOutgoing | undefined, report: TranslationReport): string[] {
  return listOf(outgoing?.unix_streams ?? []).flatMap((pattern, index) => {
    const found = globsOfPattern(pattern, { any: "**", inName: "*" });
    const path = [...at, "unix_streams", ...(typeof outgoing?.unix_streams === "string" ? [] : [index])];
    if (found === undefined) {
      report.problem(path, "this pattern of paths cannot be said with * and **", {
        hint: "Write the paths, like ^/run/app/.*",
      });
      return [];
    }
    if (found.isWider)
      report.notice(path, `read as ${found.globs.join(" and ")}, which fit more than the pattern`);
    const rules = found.globs.map((glob) => `remote:unix:${glob.startsWith("**") ? `/${glob}` : glob}`);
    return rules.filter((rule) => isRule(rule, { path, report }));
  });
}
