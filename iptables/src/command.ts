import { NftError } from "./errors.ts";
import { type Match, renderMatch } from "./match.ts";
import type { Chain, NamedSet, Rule, SetElement, SetType, SetValue, Table, TableName } from "./ruleset.ts";
import { renderStatement, type Statement } from "./statement.ts";
import {
  checkedAddress,
  checkedComment,
  checkedInteger,
  checkedMark,
  checkedName,
  checkedPort,
  checkedTimeout,
  checkedWord,
} from "./value.ts";

const FAMILIES = ["inet", "ip", "ip6", "arp", "bridge", "netdev"] as const;
const SET_TYPES = ["inet_service", "ipv4_addr", "ipv6_addr", "mark"] as const;
const HOOKS = ["prerouting", "input", "forward", "output", "postrouting"] as const;

/**
 * One change of the kernel's ruleset. Several of them make a transaction: all are done or none is.
 * `add` of a thing that is there already is no error, except a table that has an owner.
 */
export type Command =
  | { readonly add: "table"; readonly table: TableName; readonly flags?: Table["flags"] }
  | { readonly delete: "table"; readonly table: TableName }
  | { readonly add: "set"; readonly table: TableName; readonly set: Omit<NamedSet, "elements"> }
  | { readonly flush: "set" | "chain"; readonly table: TableName; readonly name: string }
  | { readonly delete: "set" | "chain"; readonly table: TableName; readonly name: string }
  | ElementsCommand
  | { readonly add: "chain"; readonly table: TableName; readonly chain: Omit<Chain, "rules"> }
  | { readonly add: "rule"; readonly table: TableName; readonly chain: string; readonly rule: Rule }
  | { readonly insert: "rule"; readonly table: TableName; readonly chain: string; readonly rule: Rule };

type ElementsCommand = ({ readonly add: "elements" } | { readonly delete: "elements" }) & {
  readonly table: TableName;
  readonly set: string;
  /** The set's type: says how a value is checked. */
  readonly type: SetType;
  /** At least one. */
  readonly elements: readonly SetElement[];
};

/** The commands that make a table and all that is in it. */
export function commandsOf(table: Table): Command[] {
  const commands: Command[] = [{ add: "table", table, ...(table.flags && { flags: table.flags }) }];
  for (const set of table.sets ?? []) {
    commands.push({ add: "set", table, set });
    if (set.elements?.length)
      commands.push({ add: "elements", table, set: set.name, type: set.type, elements: set.elements });
  }
  // All chains before any rule, so that a rule may jump to a chain that comes later.
  for (const chain of table.chains ?? []) commands.push({ add: "chain", table, chain });
  for (const chain of table.chains ?? [])
    for (const rule of chain.rules ?? []) commands.push({ add: "rule", table, chain: chain.name, rule });
  return commands;
}

/** One command in nft's own syntax, without a line end. @throws NftError `invalid-value`. */
export function renderCommand(command: Command): string {
  const table = renderTableName(command.table);
  if ("insert" in command)
    return `insert rule ${table} ${checkedName(command.chain)} ${renderRule(command.rule)}`;
  if ("flush" in command)
    return `flush ${checkedWord("object", command.flush, ["set", "chain"])} ${table} ${checkedName(command.name)}`;
  if ("delete" in command) {
    if (command.delete === "table") return `delete table ${table}`;
    if (command.delete === "elements") return `delete element ${renderElements(table, command)}`;
    return `delete ${checkedWord("object", command.delete, ["set", "chain"])} ${table} ${checkedName(command.name)}`;
  }
  switch (command.add) {
    case "table":
      return `add table ${table}${command.flags?.length ? ` { ${renderTableFlags(command.flags)}; }` : ""}`;
    case "set":
      return `add set ${table} ${checkedName(command.set.name)} { ${renderSetHead(command.set)}; }`;
    case "elements":
      return `add element ${renderElements(table, command)}`;
    case "chain": {
      const base = command.chain.base ? ` { ${renderBase(command.chain.base)} }` : "";
      return `add chain ${table} ${checkedName(command.chain.name)}${base}`;
    }
    case "rule":
      return `add rule ${table} ${checkedName(command.chain)} ${renderRule(command.rule)}`;
    default:
      throw new NftError("invalid-value", `no such command: ${JSON.stringify(command)}`);
  }
}

/** `inet magpie`. @throws NftError `invalid-value`. */
export function renderTableName(table: TableName): string {
  return `${checkedWord("family", table.family, FAMILIES)} ${checkedName(table.name)}`;
}

export function renderTableFlags(flags: NonNullable<Table["flags"]>): string {
  return `flags ${flags.map((flag) => checkedWord("flag", flag, ["owner", "dormant"])).join(", ")}`;
}

export function renderSetHead(set: Omit<NamedSet, "elements">): string {
  const flags = (set.flags ?? []).map((flag) => checkedWord("flag", flag, ["timeout", "interval"]));
  return `type ${checkedWord("set type", set.type, SET_TYPES)}${flags.length ? `; flags ${flags.join(", ")}` : ""}`;
}

export function renderBase(base: NonNullable<Chain["base"]>): string {
  const type = checkedWord("chain type", base.type, ["filter", "nat", "route"]);
  const hook = checkedWord("hook", base.hook, HOOKS);
  const priority = checkedInteger("priority", base.priority, -0x80000000, 0x7fffffff);
  const policy = base.policy ? ` policy ${checkedWord("policy", base.policy, ["accept", "drop"])};` : "";
  return `type ${type} hook ${hook} priority ${priority};${policy}`;
}

export function renderRule(rule: Rule): string {
  if (rule.parts.length === 0) throw new NftError("invalid-value", "a rule must have at least one part");
  const text = rule.parts.map(renderPart).join(" ");
  return rule.comment === undefined ? text : `${text} comment ${checkedComment(rule.comment)}`;
}

const MATCH_KEYS: readonly string[] = ["meta", "ip", "ip6", "tcp", "tcpFlags", "udp", "fib", "socket", "ct"];

function isMatch(part: Match | Statement): part is Match {
  return MATCH_KEYS.some((key) => Object.hasOwn(part, key));
}

function renderPart(part: Match | Statement): string {
  return isMatch(part) ? renderMatch(part) : renderStatement(part);
}

function renderElements(table: string, command: ElementsCommand): string {
  return `${table} ${checkedName(command.set)} { ${renderElementList(command.type, command.elements)} }`;
}

export function renderElementList(type: SetType, elements: readonly SetElement[]): string {
  if (elements.length === 0) throw new NftError("invalid-value", "at least one element must be named");
  return elements
    .map(({ value, timeoutMs }) => {
      const text = renderSetValue(type, value);
      return timeoutMs === undefined ? text : `${text} timeout ${checkedTimeout(timeoutMs)}`;
    })
    .join(", ");
}

function renderSetValue(type: SetType, value: SetValue): string {
  if (typeof value === "number") {
    if (type === "inet_service") return checkedPort(value);
    if (type === "mark") return checkedMark(value);
  } else {
    if (type === "ipv4_addr") return checkedAddress(value, 4);
    if (type === "ipv6_addr") return checkedAddress(value, 6);
  }
  throw new NftError("invalid-value", `${JSON.stringify(value)} is no ${type}`);
}
