import {
  type Command,
  renderBase,
  renderCommand,
  renderElementList,
  renderRule,
  renderSetHead,
  renderTableFlags,
  renderTableName,
} from "./command.ts";
import { NftError } from "./errors.ts";
import type { Table } from "./ruleset.ts";
import { checkedName } from "./value.ts";

/** A transaction as one line, and where each of its commands begins in it. */
export interface RenderedTransaction {
  /** Without a line end. `nft -i` takes one line as one transaction. */
  readonly line: string;
  readonly commands: readonly { readonly command: Command; readonly start: number }[];
}

/** Puts commands on one line. @throws NftError `invalid-value` when there is none, or a value may not stand in it. */
export function renderTransaction(commands: readonly Command[]): RenderedTransaction {
  if (commands.length === 0)
    throw new NftError("invalid-value", "a transaction must have at least one command");
  let line = "";
  const placed: { command: Command; start: number }[] = [];
  for (const command of commands) {
    if (line !== "") line += "; ";
    placed.push({ command, start: line.length });
    line += renderCommand(command);
  }
  return { line, commands: placed };
}

/**
 * A table as a block, in the layout of `nft list`, for files and for people.
 * Every closing brace has its own line: nft 1.0.6 does not take one behind other text.
 * @throws NftError `invalid-value`.
 */
export function renderTable(table: Table): string {
  const lines = [`table ${renderTableName(table)} {`];
  if (table.flags?.length) lines.push(`\t${renderTableFlags(table.flags)}`);
  for (const set of table.sets ?? []) {
    lines.push(`\tset ${checkedName(set.name)} {`, ...renderSetHead(set).split("; ").map(indented));
    if (set.elements?.length) lines.push(`\t\telements = { ${renderElementList(set.type, set.elements)} }`);
    lines.push("\t}");
  }
  for (const chain of table.chains ?? []) {
    lines.push(`\tchain ${checkedName(chain.name)} {`);
    if (chain.base) lines.push(indented(renderBase(chain.base)));
    for (const rule of chain.rules ?? []) lines.push(indented(renderRule(rule)));
    lines.push("\t}");
  }
  lines.push("}", "");
  return lines.join("\n");
}

function indented(line: string): string {
  return `\t\t${line}`;
}
