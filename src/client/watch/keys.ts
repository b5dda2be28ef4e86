/** A key of a terminal. */
export type Key =
  | { readonly name: "up" | "down" | "left" | "right" | "page-up" | "page-down" | "home" | "end" }
  | { readonly name: "enter" | "escape" | "backspace" | "delete" | "tab" }
  | { readonly name: "ctrl"; readonly letter: string }
  | { readonly name: "text"; readonly text: string };

/** What a terminal sends, by xterm's control sequences (normal and application cursor keys) and the Linux console. */
const sequences: ReadonlyMap<string, Exclude<Key["name"], "ctrl" | "text">> = new Map([
  ["[A", "up"],
  ["[B", "down"],
  ["[C", "right"],
  ["[D", "left"],
  ["OA", "up"],
  ["OB", "down"],
  ["OC", "right"],
  ["OD", "left"],
  ["[5~", "page-up"],
  ["[6~", "page-down"],
  ["[H", "home"],
  ["[F", "end"],
  ["OH", "home"],
  ["OF", "end"],
  ["[1~", "home"],
  ["[4~", "end"],
  ["[7~", "home"],
  ["[8~", "end"],
  ["[3~", "delete"],
  ["OM", "enter"],
]);

/** Reads what has been typed; `rest` may be the begin of a sequence, or the escape key alone. Unknown sequences are nothing. */
export function readKeys(typed: string): { readonly keys: readonly Key[]; readonly rest: string } {
  const keys: Key[] = [];
  let at = 0;
  while (at < typed.length) {
    if (typed.charAt(at) !== "\x1b") {
      const character = String.fromCodePoint(typed.codePointAt(at) ?? 0);
      at += character.length;
      const key = plainKey(character);
      if (key !== undefined) keys.push(key);
      continue;
    }
    const rest = typed.slice(at + 1);
    // CSI with parameters, or SS3 (ECMA-48 §5.4).
    // oxlint-disable-next-line no-control-regex -- a terminal sends them
    const sequence = /^(?:\[[0-9;?<]*[ -/]*[@-~]|O[ -~])/.exec(rest)?.[0];
    if (sequence !== undefined) {
      const name = sequences.get(sequence.replace(/^\[1;\d+/, "["));
      if (name !== undefined) keys.push({ name });
      at += 1 + sequence.length;
      continue;
    }
    if (/^(?:\[[0-9;?<]*[ -/]*|O)?$/.test(rest)) return { keys, rest: typed.slice(at) };
    // Escape, and something else behind it.
    keys.push({ name: "escape" });
    at++;
  }
  return { keys, rest: "" };
}

function plainKey(character: string): Key | undefined {
  if (character === "\r" || character === "\n") return { name: "enter" };
  if (character === "\x7f" || character === "\b") return { name: "backspace" };
  if (character === "\t") return { name: "tab" };
  const code = character.codePointAt(0) ?? 0;
  if (code >= 1 && code <= 26) return { name: "ctrl", letter: String.fromCodePoint(code + 96) };
  if (/^[\p{Cc}\p{Cs}]/u.test(character)) return undefined;
  return { name: "text", text: character };
}
