import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Who answered a request. */
export type Teller = "pod" | "local" | "nobody";

const tellers: Record<Teller, { readonly mark: string; readonly style: Style }> = {
  pod: { mark: "●", style: "blue" },
  local: { mark: "◆", style: "magenta" },
  nobody: { mark: "✗", style: "red" },
};

/** Prints the demo on stdout: numbered acts, commands, answers and their reasons. Colours follow the terminal and NO_COLOR. */
export class Narrator {
  #act = 0;

  title(): void {
    const bird = ["      _", "  ___(o)>", " ====__)", '    " "'];
    const words = [
      "",
      styleText("bold", "magpie"),
      "takes the requests that are yours,",
      "and harms nobody else",
    ];
    this.#print("");
    for (const [line, picture] of bird.entries())
      this.#print(`  ${picture.padEnd(12)}${words[line] ?? ""}`.trimEnd());
  }

  /** Begins a new act. */
  act(text: string): void {
    this.#act++;
    this.#print(`\n${styleText(["bold", "yellow"], `${this.#act}`)}  ${styleText("bold", text)}`);
  }

  /** A line of the story. */
  say(text: string): void {
    this.#print(`   ${text}`);
  }

  /** A line of somebody else, such as what `magpie` prints. */
  quote(text: string): void {
    this.#print(styleText("dim", `   │ ${text}`));
  }

  /** A command as one would type it. */
  command(text: string): void {
    this.#print(`\n   ${styleText("dim", "$")} ${styleText("bold", text)}`);
  }

  /** What came back, and from whom. */
  answer(teller: Teller, text: string): void {
    const { mark, style } = tellers[teller];
    this.#print(`   ${styleText(style, `${mark} ${text}`)}`);
  }

  /** Why it came from there. */
  why(text: string): void {
    this.#print(`     ${styleText("dim", `why: ${text}`)}`);
  }

  /** A fact that is good when it is as hoped. */
  check(good: boolean, text: string): void {
    this.#print(`   ${good ? styleText("green", "✓") : styleText("red", "✗")} ${text}`);
  }

  end(text: string): void {
    this.#print(`\n${text}\n`);
  }

  #print(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

/** A word as one would type it in a shell. */
export function quoted(word: string): string {
  return /[^\w:./=-]/.test(word) ? `'${word}'` : word;
}
