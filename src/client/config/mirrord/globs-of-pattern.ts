/** Globs in place of a pattern that is searched for. */
export interface Globs {
  /** What fits any of them fits the pattern. */
  readonly globs: readonly string[];
  /** Whether they fit more than the pattern, by a piece of it that no glob can say, such as `\d+` or a lone dot. */
  readonly isWider: boolean;
}

/** How globs are written that take a run of any characters, and one within a name. */
export interface GlobSigns {
  readonly any: string;
  readonly inName: string;
}

/** More would come of a pattern that was not written for names. */
const MAX_GLOBS = 32;

/** One character, a run of any, a run without slashes, or an end of the text. */
type Piece = { readonly character: string } | "any" | "in-name" | "begin" | "end";

/**
 * Writes a regular expression as globs: literals, `.`, `.*`, `.+`, `[^/]+`, groups, `|`, `?` and ends. Undefined for all else.
 * A run of at least one (`.+`) becomes a run, which may be nothing as well.
 */
export function globsOfPattern(pattern: string, signs: GlobSigns): Globs | undefined {
  const reader = new GlobReader(pattern);
  const choices = reader.choice();
  if (choices === undefined || !reader.atEnd || choices.length > MAX_GLOBS) return undefined;
  const globs = choices.map((pieces) => globOf(pieces, signs));
  if (globs.includes(undefined)) return undefined;
  return { globs: [...new Set(globs.filter((glob) => glob !== undefined))], isWider: reader.isWider };
}

function globOf(pieces: readonly Piece[], { any, inName }: GlobSigns): string | undefined {
  const inner = pieces.slice(pieces[0] === "begin" ? 1 : 0, pieces.at(-1) === "end" ? -1 : undefined);
  if (inner.includes("begin") || inner.includes("end")) return undefined;
  const whole: Piece[] = [
    ...(pieces[0] === "begin" ? [] : ["any" as const]),
    ...inner,
    ...(pieces.at(-1) === "end" ? [] : ["any" as const]),
  ];
  let glob = "";
  let before: Piece | undefined;
  for (const piece of whole) {
    const isRun = piece === "any" || piece === "in-name";
    if (isRun && before === "any") continue;
    if (piece === "any" && before === "in-name") glob = glob.slice(0, -inName.length);
    if (typeof piece === "object") glob += piece.character;
    else glob += piece === "any" ? any : inName;
    before = piece;
  }
  return glob;
}

/** Reads a pattern as all sequences of pieces that it stands for; undefined at the first that no glob can say. */
class GlobReader {
  readonly #text: string;
  #at = 0;
  isWider = false;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  choice(): Piece[][] | undefined {
    const all: Piece[][] = [];
    do {
      const part = this.#sequence();
      if (part === undefined) return undefined;
      all.push(...part);
    } while (this.#take("|") !== undefined);
    return all;
  }

  #sequence(): Piece[][] | undefined {
    let sequences: Piece[][] = [[]];
    while (!this.atEnd && !/[|)]/.test(this.#text.charAt(this.#at))) {
      const atom = this.#repeated();
      if (atom === undefined || atom.length * sequences.length > MAX_GLOBS) return undefined;
      sequences = sequences.flatMap((before) => atom.map((after) => [...before, ...after]));
    }
    return sequences;
  }

  #repeated(): Piece[][] | undefined {
    const run = this.#take(/\[\^\/\][*+]\??/y);
    if (run !== undefined) return [["in-name"]];
    if (this.#take(/\.[*+]\??/y) !== undefined) return [["any"]];
    const wide = this.#take(/(?:\\[wdS]|\[(?:[A-Za-z0-9_.-]|\\[wd.-])+\])(?:[*+]\??|\{\d+(?:,\d*)?\})?/y);
    if (wide !== undefined) {
      this.isWider = true;
      return [[wide.startsWith("\\S") ? "any" : "in-name"]];
    }
    const atom = this.#atom();
    if (atom === undefined) return undefined;
    if (this.#take("?") !== undefined) return [[], ...atom];
    return this.#take(/[*+{]/y) === undefined ? atom : undefined;
  }

  #atom(): Piece[][] | undefined {
    if (this.#take("^") ?? this.#take("\\A")) return [["begin"]];
    if (this.#take("$") ?? this.#take("\\z")) return [["end"]];
    if (this.#take(".") !== undefined) {
      this.isWider = true;
      return [["any"]];
    }
    if (this.#take(/\((?:\?:|\?P?<\w+>)?(?!\?)/y) !== undefined) {
      const inner = this.choice();
      return this.#take(")") === undefined ? undefined : inner;
    }
    const character = this.#take(/\\[^A-Za-z0-9*]|[^\\.*+?()[\]{}^$|]/y);
    return character === undefined ? undefined : [[{ character: character.slice(-1) }]];
  }

  #take(expected: string | RegExp): string | undefined {
    if (typeof expected === "string") {
      if (!this.#text.startsWith(expected, this.#at)) return undefined;
      this.#at += expected.length;
      return expected;
    }
    expected.lastIndex = this.#at;
    const [found] = expected.exec(this.#text) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
