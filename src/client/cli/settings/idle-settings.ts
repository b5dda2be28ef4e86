import type { Setting } from "./setting.ts";

/** What flags come to: what is on the command line, else what is to be set. Undefined where nothing says it. */
export type FlagLookup = (
  flag: string,
) => { readonly value: unknown; readonly isWritten: boolean; readonly kind: string } | undefined;

const filters = ["header", "path", "method", "host", "query", "grpc", "filter"];
const ofStolen = ["priority", "on-local-failure", "steal-probes", "served-by"];
const modes = ["steal", "mirror", "no-incoming"];
const rules = ["include", "exclude", "override", "unset", "map", "from-env-file"];
const ofCluster = ["namespace", "context", "kubeconfig", "agent-namespace"];

/**
 * Leaves out what means nothing to this run. A flag that is written and means nothing is a mistake; a file speaks to several
 * commands and many runs, and is not to be edited for one of them.
 */
export function withoutIdle(
  settings: readonly Setting[],
  { command, lookup }: { command: string; lookup: FlagLookup },
): readonly Setting[] {
  const idle = new Set(idleFlags(command, lookup));
  const target = lookup("target");
  return settings.filter(({ binding, origin }) => {
    if (idle.has(binding.flag)) return false;
    // Of a file whose own target is meant, they contradict each other, and that is told.
    const isOfOther = target !== undefined && (target.isWritten || target.kind !== origin.kind);
    return !(isOfOther && ofCluster.includes(binding.flag) && isOfMachine(target.value));
  });
}

/** Modes that a flag or variable takes the place of. */
export function otherModes(lookup: FlagLookup): readonly string[] {
  return modes.some((flag) => lookup(flag)?.isWritten === true) ? modes : [];
}

function idleFlags(command: string, lookup: FlagLookup): readonly string[] {
  const isSet = (flag: string) => lookup(flag)?.value === true;
  const hasSome = (flag: string) => {
    const value = lookup(flag)?.value;
    return Array.isArray(value) && value.length > 0;
  };
  // By itself the port would start the page.
  const ofPage = isSet("inspect") ? [] : ["inspect-port"];
  const ofComparing = isSet("compare") ? [] : ["ignore", "report", "max-differences", "no-learn"];
  if (command === "mirror") return [...ofPage, ...ofComparing];
  if (command === "steal") return ofPage;
  if (command !== "exec") return [];
  const isOff = isSet("no-incoming");
  const isSteal = !isOff && (isSet("steal") || (!isSet("mirror") && filters.some(hasSome)));
  return [
    ...ofPage,
    ...(isOff ? ["port", "ignore-port", "no-other-ports", ...filters] : []),
    ...(isSteal ? [] : ofStolen),
    ...(isSet("no-env") ? rules : []),
    ...(lookup("sandbox")?.value === "off" ? ["file", "fs", "outgoing"] : []),
  ];
}

function isOfMachine(target: unknown): boolean {
  return typeof target === "string" && /^(?:netns|pid|container):/.test(target);
}
