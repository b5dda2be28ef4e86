/** A stretch of a text, as offsets: `end` is behind the last character. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** A value of a file, whatever its format, with the place where it stands. */
export type ConfigNode =
  | { readonly kind: "object"; readonly members: readonly ConfigMember[]; readonly span: Span }
  | { readonly kind: "list"; readonly items: readonly ConfigNode[]; readonly span: Span }
  | ConfigScalar;

export interface ConfigScalar {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  readonly span: Span;
  /** The names that its templates asked for, once they are filled in: `env.USER`. */
  readonly filledWith?: readonly string[];
}

export interface ConfigMember {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: ConfigNode;
}

/** The steps from the root to a value. */
export type ConfigPath = readonly (string | number)[];

/** Something that is wrong with a text, where it stands. */
export interface Fault {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly span: Span;
}

/** What a reader of one format makes of a text: as much as it could read, and all that it could not. */
export interface ReadText {
  /** Undefined where nothing could be read, or nothing is there. */
  readonly root: ConfigNode | undefined;
  readonly faults: readonly Fault[];
  /** What was read may be another thing than was written: its values are not to be judged. */
  readonly isBroken?: boolean;
}

/** The value at a path, or the nearest one around it that is there. */
export function nearestNode(root: ConfigNode, path: ConfigPath): ConfigNode {
  let node = root;
  for (const step of path) {
    const next = childOf(node, step);
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** The member that leads to a path's last step, where that is one of an object that is there. */
export function memberAt(root: ConfigNode, path: ConfigPath): ConfigMember | undefined {
  const parent = nearestNode(root, path.slice(0, -1));
  const last = path.at(-1);
  return parent.kind === "object" ? parent.members.find(({ key }) => key === String(last)) : undefined;
}

function childOf(node: ConfigNode, step: string | number): ConfigNode | undefined {
  if (node.kind === "object") return node.members.find(({ key }) => key === String(step))?.value;
  return node.kind === "list" ? node.items[Number(step)] : undefined;
}
