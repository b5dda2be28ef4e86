import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import type { ConfigNode, ReadText, Span } from "./config-node.ts";

/** Reads TOML 1.0. Only the first mistake is found, since what follows it means something else. */
export function readToml(text: string): ReadText {
  try {
    const { body } = parseTOML(text, { tomlVersion: "1.0.0" });
    const [top] = body;
    return { root: rootOf(top), faults: [] };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { message, index } = error;
    const begin = Math.min(index, Math.max(0, text.length - 1));
    const words = message.charAt(0).toLowerCase() + message.slice(1);
    return {
      root: undefined,
      faults: [{ message: words, hint: hintFor(message), span: { begin, end: begin + 1 } }],
    };
  }
}

function hintFor(message: string): string | undefined {
  if (message.startsWith("Defining a key multiple times")) return "Leave one of them out.";
  return message.includes("value") ? 'Texts stand in quotes: target = "deployment/web".' : undefined;
}

/** An object or list that may still grow: a table can be opened in several places. */
type Growing =
  | {
      readonly kind: "object";
      readonly members: { key: string; keySpan: Span; value: Growing }[];
      span: Span;
    }
  | { readonly kind: "list"; readonly items: Growing[]; span: Span }
  | Extract<ConfigNode, { kind: "scalar" }>;

function rootOf(top: AST.TOMLTopLevelTable): ConfigNode {
  const root: Growing = { kind: "object", members: [], span: spanOf(top) };
  for (const part of top.body) {
    if (part.type === "TOMLKeyValue") assign(root, part);
    else {
      const spans = part.key.keys.map(spanOf);
      const table = tableAt(root, part, spans);
      for (const pair of part.body) assign(table, pair);
    }
  }
  return root;
}

/** The table that a header opens, made where it is not there; numbers in its key are places of a list. */
function tableAt(root: Growing, part: AST.TOMLTable, spans: readonly Span[]): Growing {
  let at = root;
  let named = 0;
  const steps = part.resolvedKey;
  for (const [index, step] of steps.entries()) {
    const isList = typeof steps[index + 1] === "number";
    const span = spans[typeof step === "number" ? named - 1 : named++] ?? spanOf(part);
    const made: Growing = isList
      ? { kind: "list", items: [], span }
      : { kind: "object", members: [], span: index === steps.length - 1 ? spanOf(part) : span };
    at = child(at, { step, span, made });
  }
  return at;
}

function child(at: Growing, next: { step: string | number; span: Span; made: Growing }): Growing {
  const { step, span, made } = next;
  if (at.kind === "list") return (at.items[Number(step)] ??= made);
  if (at.kind !== "object") return at;
  const key = String(step);
  const member = at.members.find((one) => one.key === key);
  if (member !== undefined) return member.value;
  at.members.push({ key, keySpan: span, value: made });
  return made;
}

function assign(table: Growing, pair: AST.TOMLKeyValue): void {
  let at = table;
  const { keys } = pair.key;
  for (const key of keys.slice(0, -1)) {
    const span = spanOf(key);
    at = child(at, { step: nameOf(key), span, made: { kind: "object", members: [], span } });
  }
  const last = keys.at(-1);
  if (last === undefined || at.kind !== "object") return;
  at.members.push({ key: nameOf(last), keySpan: spanOf(last), value: valueOf(pair.value) });
}

function valueOf(node: AST.TOMLContentNode): Growing {
  const span = spanOf(node);
  if (node.type === "TOMLArray") return { kind: "list", items: node.elements.map(valueOf), span };
  if (node.type === "TOMLInlineTable") {
    const made: Growing = { kind: "object", members: [], span };
    for (const pair of node.body) assign(made, pair);
    return made;
  }
  // Dates are no values of a config: their text is, which a field then takes or not.
  return { kind: "scalar", value: "datetime" in node ? node.datetime : node.value, span };
}

function nameOf(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}

function spanOf({ range }: { readonly range: readonly [number, number] }): Span {
  return { begin: range[0], end: Math.max(range[1], range[0] + 1) };
}
