/** What a pattern is made of: one byte, a run of bytes in one name or over several, or that the next two may be missing. */
type Token = { readonly byte: string } | "name" | "path" | "folders-or-none";

/**
 * Whether a pattern fits a path of unix(7), both in bytes as latin-1. `*` is any run of bytes without a slash, `**` one with
 * slashes; `/**` + `/` is also a single slash. An abstract name begins with `@` in a pattern and with NUL in a path, and slashes
 * mean nothing in it. `/var/run` is `/run`, as it is on every system of today (FHS 3.0 §5.13).
 * Takes at most length × length steps.
 */
export function fitsPath(pattern: string, path: string): boolean {
  const isAbstract = pattern.startsWith("@");
  if (isAbstract !== path.startsWith("\0")) return false;
  const tokens = isAbstract
    ? tokensOf(pattern.slice(1).replaceAll(/\*+/g, "**"))
    : tokensOf(canonicalPath(pattern));
  return fits(tokens, isAbstract ? path.slice(1) : canonicalPath(path));
}

/** Without doubled slashes and names that are `.`. Only the kernel knows where `..` leads: it stays. */
function canonicalPath(path: string): string {
  const plain = path.replaceAll(/\/+(?:\.?\/+)*(?:\.$)?/g, "/");
  return plain.startsWith("/var/run/") ? plain.slice("/var".length) : plain;
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    if (pattern.startsWith("**/", at) && (at === 0 || pattern[at - 1] === "/")) {
      tokens.push("folders-or-none", "path", { byte: "/" });
      at += 3;
    } else if (pattern[at] === "*") {
      const stars = /^\*+/.exec(pattern.slice(at))?.[0].length ?? 1;
      tokens.push(stars > 1 ? "path" : "name");
      at += stars;
    } else tokens.push({ byte: pattern.charAt(at++) });
  }
  return tokens;
}

/** Follows all places of the pattern to which the bytes so far may have led, at once: nothing is tried twice. */
function fits(tokens: readonly Token[], text: string): boolean {
  let places = new Set<number>();
  reach(0, tokens, places);
  for (const byte of text) {
    const next = new Set<number>();
    for (const place of places) {
      const token = tokens[place];
      if (typeof token === "object" && token.byte === byte) reach(place + 1, tokens, next);
      else if (token === "path" || (token === "name" && byte !== "/")) reach(place, tokens, next);
    }
    places = next;
  }
  return places.has(tokens.length);
}

/** Adds a place, and those that are reached from it without a byte. */
function reach(place: number, tokens: readonly Token[], places: Set<number>): void {
  if (places.has(place)) return;
  places.add(place);
  const token = tokens[place];
  if (typeof token === "string") reach(place + 1, tokens, places);
  if (token === "folders-or-none") reach(place + 3, tokens, places);
}
