/**
 * A pattern over absolute paths without `.`, `..` and doubled slashes, in bytes as latin-1. What fits a folder fits all that
 * lies in it.
 *
 * | pattern        | fits, each with all that lies in it                            |
 * |----------------|----------------------------------------------------------------|
 * | `/etc/app`     | that one                                                       |
 * | `/etc/*.conf`  | `*` is any run of characters within a name                     |
 * | `/etc/**.conf` | `**` is any run of characters, slashes too                     |
 * | `/etc/app/**`  | `/etc/app`, as if the end were not there                       |
 * | `/srv/.`       | the folder alone, not what lies in it                          |
 *
 * Where `**` is all that stands between two slashes it may be nothing, and one slash is left: then what follows lies in the
 * folder or somewhere below. All states of the pattern are followed at once: no pattern takes more steps than its length
 * times that of the path.
 */
export class PathPattern {
  /** The path that it names, when it holds no star; then `fits` need not be asked. */
  readonly literal: string | undefined;
  /** Whether what lies in a folder that fits does not. */
  readonly isAlone: boolean;
  readonly #parts: readonly number[];
  // Reused by every question: of each part, whether what was read so far may end in front of it.
  #here: Uint8Array;
  #next: Uint8Array;

  constructor(pattern: string) {
    this.isAlone = /(?:^|\/)\.$/.test(pattern);
    const bare = (this.isAlone ? pattern.slice(0, -1) : pattern.replace(/(?:\/\*{2,})+\/*$/, "")).replace(
      /\/+$/,
      "",
    );
    this.literal = bare.includes("*") ? undefined : bare || "/";
    this.#parts = partsOf(bare);
    this.#here = new Uint8Array(this.#parts.length + 1);
    this.#next = new Uint8Array(this.#parts.length + 1);
  }

  fits(path: string): boolean {
    const subject = path === "/" ? "" : path;
    this.#here.fill(0);
    this.#reach(this.#here, 0);
    for (let at = 0; ; at++) {
      const isEnd = at === subject.length;
      const code = subject.charCodeAt(at);
      if (this.#here[this.#parts.length] === 1 && (isEnd || (code === SLASH && !this.isAlone))) return true;
      if (isEnd || !this.#step(code)) return false;
    }
  }

  /** Reads one character; false when nothing can fit any more. */
  #step(code: number): boolean {
    const next = this.#next.fill(0);
    let isAlive = false;
    for (const [index, part] of this.#parts.entries()) {
      if (this.#here[index] !== 1) continue;
      if (part === STAR ? code !== SLASH : part < 0) {
        isAlive = true;
        // Of folders only a slash leads on.
        if (part === FOLDERS && code !== SLASH) next[index] = 1;
        else this.#reach(next, index);
      } else if (part === code) {
        isAlive = true;
        this.#reach(next, index + 1);
      }
    }
    this.#next = this.#here;
    this.#here = next;
    return isAlive;
  }

  /** Marks a part, and those behind it where it may be nothing at all. */
  #reach(states: Uint8Array, index: number): void {
    states[index] = 1;
    const part = this.#parts[index];
    if (part !== undefined && part < 0) this.#reach(states, index + 1);
  }
}

const SLASH = 0x2f;
/** In place of a character. */
const STAR = -1;
const STARS = -2;
/** Between two slashes, with the second of them. */
const FOLDERS = -3;

function partsOf(pattern: string): number[] {
  const parts: number[] = [];
  for (const [token] of pattern.matchAll(/(?<=\/)\*{2,}\/|\*+|[^*]/gs)) {
    if (token.length > 1 && token.endsWith("/")) parts.push(FOLDERS);
    else if (token.startsWith("*")) parts.push(token.length > 1 ? STARS : STAR);
    else parts.push(token.charCodeAt(0));
  }
  return parts;
}
