import { TeraExpression, type TeraTerm } from "./tera-expression.ts";

/** What is wrong with a template, at an offset of the file. */
export interface TeraProblem {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

/** A term and where it stands in the file. */
export interface PlacedTerm {
  readonly term: TeraTerm;
  readonly offset: number;
  /** What it comes to; empty where that is not known. */
  readonly value: string;
}

/** A file whose templates are filled in. */
export interface RenderedText {
  readonly text: string;
  readonly problems: readonly TeraProblem[];
  /** The terms in their order, as often as they stand there. */
  readonly terms: readonly PlacedTerm[];
  /** The offset in the file for one in `text`; within what was filled in, that of the template. */
  readonly offsetOf: (rendered: number) => number;
}

const hint = 'Read are {{ get_env(name="X", default="y") }} and {{ key }}.';

/**
 * Fills the templates of a file of mirrord in, before it is read as JSON, TOML or YAML (https://keats.github.io/tera/docs/).
 * All that is wrong is found, and nothing stands in its place.
 * @param valueOf gives the value of a term; an error of `problem` form where there is none
 */
export function renderTera(
  source: string,
  valueOf: (term: TeraTerm, index: number) => string | { message: string; hint: string },
): RenderedText {
  const problems: TeraProblem[] = [];
  const terms: PlacedTerm[] = [];
  /** Where a piece begins in the result and in the file; of one that was filled in all offsets are the same. */
  const pieces: { rendered: number; source: number; isFilled: boolean }[] = [];
  let text = "";
  let at = 0;
  const add = (piece: string, start: number, isFilled: boolean): void => {
    pieces.push({ rendered: text.length, source: start, isFilled });
    text += piece;
  };
  for (const match of source.matchAll(/\{([{%#])-?/g)) {
    if (match.index < at) continue;
    add(source.slice(at, match.index), at, false);
    const [sign = ""] = match.slice(1);
    const template = closedBy(source, match.index, sign);
    if (template === undefined) {
      const closing = { "{": "}}", "%": "%}", "#": "#}" }[sign];
      problems.push({
        offset: match.index,
        message: "a template is not closed",
        hint: `Close it with ${closing}.`,
      });
      at = source.length;
      break;
    }
    at = template.end;
    // White space beside a dash belongs to the template.
    if (template.trimsBefore) text = text.trimEnd();
    if (sign === "{") add(fill(template.body, match.index + match[0].length), match.index, true);
    else if (sign === "%") {
      const [word = ""] = /[a-z_]+/.exec(template.body) ?? [];
      problems.push({
        offset: match.index,
        message: `statements of Tera are not read, as {% ${word} %}`,
        hint,
      });
    }
    if (template.trimsAfter) at += /^\s*/.exec(source.slice(at))?.[0].length ?? 0;
  }
  add(source.slice(at), at, false);

  function fill(body: string, start: number): string {
    const term = new TeraExpression(body).read();
    if ("message" in term) {
      problems.push({ offset: start + term.position, message: term.message, hint: term.hint ?? hint });
      return "";
    }
    const value = valueOf(term, terms.length);
    terms.push({ term, offset: start + term.position, value: typeof value === "string" ? value : "" });
    if (typeof value === "string") return value;
    problems.push({ offset: start + term.position, ...value });
    return "";
  }

  const offsetOf = (rendered: number): number => {
    const piece = pieces.findLast((one) => one.rendered <= rendered);
    if (piece === undefined) return rendered;
    return piece.isFilled ? piece.source : piece.source + rendered - piece.rendered;
  };
  return { text, problems, terms, offsetOf };
}

const closings: Readonly<Record<string, RegExp>> = {
  "{": /(?:"[^"]*"|'[^']*'|`[^`]*`|(?!-?\}\})[^"'`])*?(-?)\}\}/y,
  "%": /[^]*?(-?)%\}/y,
  "#": /[^]*?(-?)#\}/y,
};

/** Finds the end of a template; text in quotes does not end one. */
function closedBy(source: string, start: number, sign: string) {
  const closing = closings[sign] ?? /$/y;
  const opening = source.startsWith("-", start + 2) ? 3 : 2;
  closing.lastIndex = start + opening;
  const found = closing.exec(source);
  if (found === null) return undefined;
  const [whole, dash = ""] = found;
  return {
    body: whole.slice(0, -2 - dash.length),
    end: closing.lastIndex,
    trimsBefore: opening === 3,
    trimsAfter: dash !== "",
  };
}
