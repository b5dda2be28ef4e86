/** A piece of a text: as it stands, or to be filled in. */
export type TemplatePart = { readonly text: string } | TemplateSlot;

export interface TemplateSlot {
  /** `env.USER`, `git.branch`, `hostname` or `user`; not yet checked. */
  readonly name: string;
  /** What stands where the name has no value. */
  readonly fallback: string | undefined;
  /** Where it stands in the text, with its braces. */
  readonly begin: number;
  readonly end: number;
}

/** What is wrong with a template, by offsets into the text. */
export interface TemplateFault {
  readonly message: string;
  readonly hint: string;
  readonly begin: number;
  readonly end: number;
}

export type TemplateText =
  | { readonly parts: readonly TemplatePart[]; readonly fault?: never }
  | { readonly parts?: never; readonly fault: TemplateFault };

const forms = 'Write {{ env.USER }}, {{ env.USER | default("nobody") }}, or {{ "{{" }} for two braces.';

/**
 * Takes a text apart at its templates, in one pass:
 *
 *     template = "{{" ( name [ "|" "default" "(" string ")" ] / string ) "}}"     ; blanks anywhere between
 *     name     = word *( "." word )
 *     string   = DQUOTE … DQUOTE / "'" … "'"                                    ; as it stands: no escapes
 */
export function readTemplates(text: string): TemplateText {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (;;) {
    const begin = text.indexOf("{{", at);
    if (begin === -1) {
      if (at < text.length) parts.push({ text: text.slice(at) });
      return { parts };
    }
    if (begin > at) parts.push({ text: text.slice(at, begin) });
    const read = new TemplateCursor(text, begin).read();
    if ("fault" in read) return read;
    parts.push(read.part);
    at = read.end;
  }
}

/** Reads one template; moves only forwards. */
class TemplateCursor {
  readonly #text: string;
  readonly #begin: number;
  #at: number;

  constructor(text: string, begin: number) {
    this.#text = text;
    this.#begin = begin;
    this.#at = begin + 2;
  }

  read(): { part: TemplatePart; end: number } | { fault: TemplateFault } {
    const literal = this.#string();
    if (literal !== undefined)
      return this.#take("}}") ? { part: { text: literal }, end: this.#at } : this.#wrong("}} is missing");
    const name = this.#sticky(/[A-Za-z_][\w.-]*/y);
    if (name === undefined) return this.#wrong("a name is missing");
    let fallback: string | undefined;
    if (this.#take("|")) {
      const word = this.#sticky(/\w+/y);
      if (word !== "default") return this.#wrong(`behind | comes default, not ${JSON.stringify(word ?? "")}`);
      if (!this.#take("(")) return this.#wrong("( is missing");
      fallback = this.#string();
      if (fallback === undefined) return this.#wrong("a text in quotes is missing");
      if (!this.#take(")")) return this.#wrong(") is missing");
    }
    if (!this.#take("}}")) return this.#wrong("}} is missing");
    return { part: { name, fallback, begin: this.#begin, end: this.#at }, end: this.#at };
  }

  #string(): string | undefined {
    this.#skip();
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return undefined;
    const end = this.#text.indexOf(quote, this.#at + 1);
    if (end === -1) return undefined;
    const string = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return string;
  }

  #take(sign: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(sign, this.#at)) return false;
    this.#at += sign.length;
    return true;
  }

  #sticky(pattern: RegExp): string | undefined {
    this.#skip();
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }

  #skip(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #wrong(message: string): { fault: TemplateFault } {
    const begin = Math.min(this.#at, Math.max(0, this.#text.length - 1));
    return { fault: { message: `of a template ${message}`, hint: forms, begin, end: begin + 1 } };
  }
}
