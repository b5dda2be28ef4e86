import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { ConfigMember, ConfigNode, Fault, ReadText, Span } from "./config-node.ts";
import { limits } from "./limits.ts";

/** Reads YAML 1.2. Anchors and aliases are followed, as far as `limits.values` goes. */
export function readYaml(text: string): ReadText {
  const document = parseDocument(text, {
    // Keys that are there twice are found for all formats alike, and faster.
    uniqueKeys: false,
    prettyErrors: false,
    keepSourceTokens: false,
    lineCounter: new LineCounter(),
    logLevel: "error",
  });
  const reading = new YamlReading(text);
  const { contents } = document;
  const root = contents === null ? undefined : reading.node(contents, 0);
  // Where a bound was met, what the parser says of the rest is about itself.
  if (reading.isTooMuch) return { root: undefined, faults: reading.faults };
  const isEmpty = root?.kind === "scalar" && root.value === null;
  const errors = [...document.errors, ...document.warnings].map(({ message, pos }): Fault => {
    const span = { begin: pos[0], end: Math.max(pos[0] + 1, pos[1]) };
    return bareTemplate(text, span.begin) ?? { ...meaningOf(message), span };
  });
  const faults = withoutRepetition([...reading.faults, ...errors]);
  return { root: isEmpty ? undefined : root, faults, isBroken: document.errors.length > 0 };
}

/** Of one document: anchors by their names, and what cannot be read. */
class YamlReading {
  readonly faults: Fault[] = [];
  readonly #text: string;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #values = 0;
  isTooMuch = false;

  constructor(text: string) {
    this.#text = text;
  }

  node(node: Node | null, depth: number): ConfigNode {
    if (node === null) return { kind: "scalar", value: null, span: { begin: 0, end: 1 } };
    const span = spanOf(node);
    if (this.isTooMuch) return { kind: "scalar", value: null, span };
    if (++this.#values > limits.values || depth > limits.depth) return this.#tooMuch(span);
    if (isAlias(node)) return this.#alias(node.source, { span, depth });
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    const bare = isMap(node) ? bareTemplate(this.#text, span.begin) : undefined;
    if (bare !== undefined) return this.#nothing(bare);
    this.#open.add(node);
    const read = this.#content(node, { span, depth });
    this.#open.delete(node);
    return read;
  }

  #content(node: Node, { span, depth }: { span: Span; depth: number }): ConfigNode {
    if (isSeq(node)) {
      const items = node.items.map((item) => this.node(item as Node | null, depth + 1)); // As the parser makes them.
      return { kind: "list", items, span };
    }
    if (isMap(node)) {
      const members = node.items.map(({ key, value }) =>
        // As the parser makes them.
        this.#member({ key: key as Node | null, value: value as Node | null, depth }),
      );
      return { kind: "object", members: members.filter((member) => member !== undefined), span };
    }
    const value: unknown = isScalar(node) ? node.value : null;
    if (typeof value === "bigint") return { kind: "scalar", value: Number(value), span };
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (isPlain || value === null) return { kind: "scalar", value, span };
    return this.#nothing({ message: "this is neither a text nor a number", hint: "Put it in quotes.", span });
  }

  #member(pair: { key: Node | null; value: Node | null; depth: number }): ConfigMember | undefined {
    const { key, value, depth } = pair;
    if (!isScalar(key) || key.value === null || typeof key.value === "object") {
      const span = key === null ? { begin: 0, end: 1 } : spanOf(key);
      this.faults.push(
        bareTemplate(this.#text, span.begin) ??
          bareTemplate(this.#text, span.begin - 1) ?? { message: "the name of a field must be a text", span },
      );
      return undefined;
    }
    const name = typeof key.value === "string" ? key.value : (key.source ?? "");
    const keySpan = spanOf(key);
    const read: ConfigNode =
      value === null ? { kind: "scalar", value: null, span: keySpan } : this.node(value, depth + 1);
    return { key: name, keySpan, value: read };
  }

  #alias(name: string, { span, depth }: { span: Span; depth: number }): ConfigNode {
    const node = this.#anchors.get(name);
    // The parser tells of one that is missing.
    if (node === undefined) return { kind: "scalar", value: null, span };
    if (!this.#open.has(node)) return this.node(node, depth);
    return this.#nothing({ message: `*${name} stands within what it stands for`, span });
  }

  #tooMuch({ begin }: Span): ConfigNode {
    this.isTooMuch = true;
    const span = { begin, end: begin + 1 };
    const message =
      this.#values > limits.values
        ? `there are more than ${limits.values} values, counted as often as aliases repeat them`
        : `it is nested more than ${limits.depth} deep`;
    return this.#nothing({ message, span });
  }

  #nothing(fault: Fault): ConfigNode {
    if (this.faults.at(-1)?.message !== fault.message) this.faults.push(fault);
    return { kind: "scalar", value: null, span: fault.span };
  }
}

/** `{{ … }}` without quotes is a mapping within a mapping to YAML, which nobody means. */
function bareTemplate(text: string, at: number): Fault | undefined {
  const lineBegin = text.lastIndexOf("\n", at - 1) + 1;
  const newline = text.indexOf("\n", at);
  const line = text.slice(lineBegin, newline === -1 ? text.length : newline);
  const [, before = "", template = ""] = /^([^"'#]*?[:\-[,]\s*|\s*)(\{\{.*\}\}\S*)/.exec(line) ?? [];
  if (template === "") return undefined;
  const begin = lineBegin + before.length;
  const quote = template.includes('"') ? "'" : '"';
  return {
    message: "a template stands without quotes, where YAML reads { as the begin of a mapping",
    hint: `Write ${quote}${template}${quote}.`,
    span: { begin, end: begin + template.length },
  };
}

function withoutRepetition(faults: readonly Fault[]): Fault[] {
  const seen = new Set<string>();
  return faults.filter(({ message, span }) => {
    const key = `${span.begin} ${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function meaningOf(message: string): { message: string; hint?: string } {
  if (message.startsWith("Source contains multiple documents"))
    return {
      message: "a second document begins here",
      hint: "One file is one config: leave out the line of dashes.",
    };
  return { message: firstLine(message) };
}

function firstLine(message: string): string {
  const [line = ""] = message.split("\n");
  return line.charAt(0).toLowerCase() + line.slice(1).replace(/:$/, "");
}

function spanOf(node: Node): Span {
  const [begin = 0, end = begin] = node.range ?? [];
  return { begin, end: Math.max(end, begin + 1) };
}
