import { extname } from "node:path";
import type { ConfigNode, Fault, ReadText } from "./config-node.ts";
import { limits } from "./limits.ts";

/** What a file may end in. */
export const endings = [".json", ".jsonc", ".toml", ".yaml", ".yml"] as const;

/**
 * Reads a text in the format that its file's name ends in. Each object has a name once, and none has a name that means
 * something to JavaScript; what is nested too deep or is too much has been left out, with a fault.
 */
export async function readDocument(file: string, text: string): Promise<ReadText> {
  const read = await readerOf(file);
  const { root, faults, isBroken = false } = readPatiently(read, text);
  if (root === undefined) return { root, faults };
  const checked = new CheckedTree();
  checked.node(root, 0);
  return { root: checked.isTooMuch ? undefined : root, faults: [...faults, ...checked.faults], isBroken };
}

/** Readers are loaded when they are needed: no run needs more than one. */
async function readerOf(file: string): Promise<(text: string) => ReadText> {
  switch (extname(file).toLowerCase()) {
    case ".toml":
      return (await import("./read-toml.ts")).readToml;
    case ".yaml":
    case ".yml":
      return (await import("./read-yaml.ts")).readYaml;
    default:
      return (await import("./read-jsonc.ts")).readJsonc;
  }
}

/** Parsers call themselves for what is nested. */
function readPatiently(read: (text: string) => ReadText, text: string): ReadText {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `it is nested more than ${limits.depth} deep`;
    return { root: undefined, faults: [{ message, span: { begin: 0, end: 1 } }] };
  }
}

class CheckedTree {
  readonly faults: Fault[] = [];
  isTooMuch = false;
  #values = 0;

  node(node: ConfigNode, depth: number): void {
    if (this.isTooMuch) return;
    if (depth > limits.depth || ++this.#values > limits.values) {
      this.isTooMuch = true;
      const message =
        depth > limits.depth
          ? `it is nested more than ${limits.depth} deep`
          : `there are more than ${limits.values} values`;
      this.faults.push({ message, span: { begin: node.span.begin, end: node.span.begin + 1 } });
      return;
    }
    if (node.kind === "list") for (const item of node.items) this.node(item, depth + 1);
    if (node.kind !== "object") return;
    const seen = new Set<string>();
    for (const { key, keySpan, value } of node.members) {
      if (seen.has(key))
        this.faults.push({
          message: `${JSON.stringify(key)} is there twice`,
          hint: "Leave one of them out.",
          span: keySpan,
        });
      if (key === "__proto__")
        this.faults.push({ message: '"__proto__" cannot be the name of a field', span: keySpan });
      seen.add(key);
      this.node(value, depth + 1);
    }
  }
}
