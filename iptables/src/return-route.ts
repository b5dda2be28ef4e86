import { NftError } from "./errors.ts";
import { runTool, runToolOrThrow, type ToolOptions } from "./tool.ts";
import { checkedInteger, checkedMark } from "./value.ts";

/** The numbers of the routing rule that brings marked packets back to this host. */
export interface ReturnRoute {
  readonly mark: number;
  /** Routing table of its own, and the rule's priority: 1 to 32765, before the main table's 32766. */
  readonly table: number;
}

/** Every destination is this host's own (ip-route(8), type local). */
const LOCAL_DEFAULT = ["local", "default", "dev", "lo"] as const;

type IpFlag = "-4" | "-6";

/** Routes everything with the mark to this host itself. Does the same again without harm. @throws NftError of `runToolOrThrow`. */
export async function addReturnRoute(flag: IpFlag, route: ReturnRoute, options: ToolOptions): Promise<void> {
  const { mark, table } = rendered(route);
  // Looked at first: with a rule of somebody else's at our number, the table may be theirs as well.
  const ruleIsThere = await hasRule(flag, route, options);
  // "replace" takes over what a killed agent left; "rule" has no such word.
  await runToolOrThrow(["ip", flag, "route", "replace", ...LOCAL_DEFAULT, "table", table], options);
  if (ruleIsThere) return;
  await runToolOrThrow(
    ["ip", flag, "rule", "add", "priority", table, "fwmark", mark, "lookup", table],
    options,
  );
}

/** Removes rule and route, however many times they are there. What is not there, or cannot be seen, is no error. */
export async function removeReturnRoute(
  flag: IpFlag,
  route: ReturnRoute,
  options: ToolOptions,
): Promise<void> {
  const { mark, table } = rendered(route);
  const removal = ["ip", flag, "rule", "del", "priority", table, "fwmark", mark, "lookup", table] as const;
  for (let left = 16; left > 0 && (await runTool(removal, options)).exitCode === 0; left--);
  await runTool(["ip", flag, "route", "del", ...LOCAL_DEFAULT, "table", table], options);
}

async function hasRule(flag: IpFlag, route: ReturnRoute, options: ToolOptions): Promise<boolean> {
  const { mark, table } = rendered(route);
  const rules = await runToolOrThrow(["ip", flag, "rule", "show", "priority", table], options);
  const wanted = `from all fwmark ${mark} lookup ${table}`;
  const found = rules.split("\n").filter((line) => line.trim() !== "");
  if (found.some((line) => line.includes(wanted))) return true;
  if (found.length === 0) return false;
  // Ours beside it would work, but which of the two is asked first would be chance.
  throw new NftError("command-failed", `ip rule priority ${table} is taken: ${found.join("; ").trim()}`);
}

function rendered(route: ReturnRoute): { mark: string; table: string } {
  return { mark: checkedMark(route.mark), table: checkedInteger("routing table", route.table, 1, 32765) };
}
