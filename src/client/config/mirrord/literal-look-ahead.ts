/** Above this a pattern that is spelled out is no use to anybody. */
const MAX_LENGTH = 120;

/** The texts that a body is for, when it is only literals with `|` between them; none of them is empty. */
export function literalsOf(body: string): string[] | undefined {
  const bare = /^\(\?:([^()]*)\)$/.exec(body)?.[1] ?? body;
  const literals = bare.split("|").map((part) => {
    if (!/^(?:[^\\.*+?()[\]{}^$|]|\\[^A-Za-z0-9])+$/.test(part)) return "";
    return part.replaceAll(/\\(.)/g, "$1");
  });
  if (literals.includes("") || literals.join("").length > MAX_LENGTH) return undefined;
  return literals;
}

type Tree = Map<string, Tree>;

/**
 * A pattern for all that begins with none of the literals, whatever its case. It stands where a look-ahead stood behind which
 * nothing is asked for: it reads on to the first character that differs, or to the end of the text.
 * @param mayEnd whether the text may end right here
 */
export function notBeginningWith(literals: readonly string[], { mayEnd }: { mayEnd: boolean }): string {
  const root: Tree = new Map();
  for (const literal of literals) {
    let node = root;
    for (const character of literal.toLowerCase()) {
      const next: Tree = node.get(character) ?? new Map();
      node.set(character, next);
      node = next;
    }
    // What begins with this one begins with longer ones as well.
    node.clear();
    node.set("", new Map());
  }
  return patternOf(root, mayEnd);
}

function patternOf(node: Tree, mayEnd: boolean): string {
  const characters = [...node.keys()];
  const others = `[^${characters.map(inClass).join("")}]`;
  const further = [...node].flatMap(([character, next]) =>
    next.has("") ? [] : [escaped(character) + patternOf(next, true)],
  );
  return `(?:${[others, ...further, ...(mayEnd ? ["$"] : [])].join("|")})`;
}

function inClass(character: string): string {
  const upper = character.toUpperCase();
  const both = upper === character || upper.length > 1 ? character : character + upper;
  return both.replaceAll(/[\\\]^[&~-]/g, "\\$&");
}

function escaped(character: string): string {
  return character.replaceAll(/[\\.*+?()[\]{}^$|/]/g, (one) => (one === "/" ? one : `\\${one}`));
}
