import { compileFilter, type CompiledFilter, FilterError } from "../../filters/index.ts";
import { closest } from "../text/closest.ts";
import type { HiddenBy } from "./difference.ts";
import type { IgnoreRule, PointerStep, RuleSubject } from "./ignore-rule.ts";
import { limits } from "./limits.ts";

const forms = ["status", "header:", "trailer:", "body", "line:", "grpc:"];
const examples =
  "Write status, header:date, header:x-*, trailer:name, body, a JSON pointer as /items/*/price, line:/pattern/ or grpc:field 3.1.";
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/; // RFC 9110 §5.1, with the star as a wildcard

/**
 * Reads one rule of `--ignore`:
 *
 * | written                            | hides                                                                   |
 * |------------------------------------|-------------------------------------------------------------------------|
 * | `status`                           | that the statuses differ                                                |
 * | `header:date`, `header:x-*`        | fields of that name, in any case                                        |
 * | `trailer:name`                     | trailers of that name; those of gRPC too                                |
 * | `body`                             | the whole body                                                          |
 * | `/items/0/at`, `body/items/0/at`   | a place of a JSON body and all below it (RFC 6901)                      |
 * | `/items/*`, `/a/**`              | `*` is one level of any name, `**` any number of levels; `~2` is a star |
 * | `line:/pattern/`                   | lines of a text in which the pattern is found, in linear time           |
 * | `body:line 12`                     | that line                                                               |
 * | `grpc:message 2`, `grpc:field 3.1` | a message, a field of every message; `grpc:message 2 field 3.*`         |
 * | `+…`                               | nothing: what earlier rules, the defaults and noise hide is compared    |
 *
 * Whatever a report calls a place can be given here. Of several rules that fit, the last one counts.
 *
 * @throws FilterError with the position of the mistake; the same codes as for filters.
 */
export function parseIgnoreRule(source: string, by: HiddenBy = "rule", why?: string): IgnoreRule {
  const start = source.startsWith("+") ? 1 : 0;
  const subject = new RuleReader(source, start).subject();
  return {
    text: source.slice(start),
    action: start === 1 ? "compare" : "ignore",
    by,
    subject,
    ...(why === undefined ? {} : { why }),
  };
}

class RuleReader {
  readonly #source: string;
  readonly #start: number;

  constructor(source: string, start: number) {
    this.#source = source;
    this.#start = start;
  }

  subject(): RuleSubject {
    const text = this.#source.slice(this.#start);
    if (text === "") throw this.#fail("unexpected-end", "the rule is empty", 0, examples);
    if (text === "status" || text === "body") return { of: text };
    if (text.startsWith("/")) return { of: "json", steps: this.#pointer(0) };
    if (text.startsWith("body/")) return { of: "json", steps: this.#pointer(4) };
    const colon = text.indexOf(":");
    const word = colon === -1 ? text : text.slice(0, colon + 1);
    if (word === "header:" || word === "trailer:")
      return { of: word === "header:" ? "header" : "trailer", name: this.#name(word.length) };
    if (word === "line:") return { of: "line-pattern", pattern: this.#pattern(word.length) };
    if (word === "body:") return this.#bodyLine(word.length);
    if (word === "grpc:") return this.#grpc(word.length);
    throw this.#fail(
      "unknown-name",
      `${JSON.stringify(word)} is nothing that can be ignored`,
      0,
      this.#meant(text),
    );
  }

  #meant(text: string): string {
    const colon = text.indexOf(":");
    const word = colon === -1 ? text : text.slice(0, colon);
    const near = closest(
      word,
      forms.map((form) => form.replace(":", "")),
    );
    if (near !== undefined) {
      const form = forms.find((form) => form.replace(":", "") === near) as string; // `near` is one of them
      const rest = colon === -1 ? "" : text.slice(colon + 1);
      return `Did you mean ${form}${form.endsWith(":") ? rest : ""}?`;
    }
    if (colon === -1 && text.includes("/")) return `A JSON pointer starts with a slash: /${text}`;
    if (colon === -1 && fieldName.test(text))
      return `Did you mean header:${text} for the field, or /${text} for the JSON body?`;
    return examples;
  }

  #name(from: number): string {
    const text = this.#source.slice(this.#start + from);
    if (text === "")
      throw this.#fail("unexpected-end", "the name is missing", from, "As in header:date or header:x-*.");
    if (!fieldName.test(text)) {
      const characters = Array.from(text);
      const at = characters.findIndex((character) => !fieldName.test(character));
      const hint = text.includes(":")
        ? "A rule names a field only; its value cannot be asked for."
        : "Names have letters, digits and dashes; * stands for any of them.";
      throw this.#fail(
        "unexpected-character",
        `${JSON.stringify(characters[at])} is in no field's name`,
        from + at,
        hint,
      );
    }
    return text.toLowerCase();
  }

  #pointer(from: number): PointerStep[] {
    const steps: PointerStep[] = [];
    let at = from + 1;
    for (const raw of this.#source.slice(this.#start + at).split("/")) {
      const tilde = /~(?![012])/.exec(raw);
      if (tilde !== null)
        throw this.#fail(
          "bad-escape",
          "~ stands alone",
          at + tilde.index,
          "In a JSON pointer ~ is written ~0, / is ~1, and here * is ~2.",
        );
      // Two `any` in a row mean what one means.
      if (raw === "**" && steps.at(-1) === "any") continue;
      steps.push(raw === "*" ? "one" : raw === "**" ? "any" : { key: unescaped(raw) });
      at += raw.length + 1;
    }
    if (steps.length > limits.jsonDepth)
      throw this.#fail("too-deep", `more than ${limits.jsonDepth} levels`, from, "");
    return steps;
  }

  #pattern(from: number): CompiledFilter {
    const text = this.#source.slice(this.#start + from);
    if (!text.startsWith("/") || text.length < 3 || !text.endsWith("/")) {
      const hint = "As in line:/generated at/; the pattern stands between slashes.";
      throw this.#fail("bad-value", "a pattern between slashes is missing", from, hint);
    }
    const offset = this.#start + from + 1;
    try {
      return compileFilter({ header: { name: "line", matches: asBytes(text.slice(1, -1)) } });
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      throw error.placed({ source: this.#source, position: offset + error.position });
    }
  }

  #bodyLine(from: number): RuleSubject {
    const found = /^line ([1-9]\d{0,8})$/.exec(this.#source.slice(this.#start + from));
    if (found) return { of: "line", line: Number(found[1]) };
    const hint = "As in body:line 12; for a place of a JSON body write body/items/0 or /items/0.";
    throw this.#fail("bad-value", "no line number", from, hint);
  }

  #grpc(from: number): RuleSubject {
    const text = this.#source.slice(this.#start + from);
    const found = /^(?:message ([1-9]\d{0,8}))?(?: ?field ((?:\d{1,9}|\*)(?:\.(?:\d{1,9}|\*))*))?$/.exec(
      text,
    );
    if (!found || text === "" || text.startsWith(" "))
      throw this.#fail(
        "bad-value",
        "no message and no field",
        from,
        "As in grpc:message 2, grpc:field 3.1 or grpc:message 2 field 3.*",
      );
    const fields = found[2]?.split(".").map((part) => (part === "*" ? part : Number(part))) ?? [];
    return { of: "grpc", message: found[1] === undefined ? undefined : Number(found[1]), fields };
  }

  #fail(code: FilterError["code"], message: string, at: number, hint: string): FilterError {
    return new FilterError(code, message, { source: this.#source, position: this.#start + at, hint });
  }
}

function unescaped(raw: string): string {
  // ~0 last, or ~01 would become a slash (RFC 6901 §4).
  return raw.replaceAll("~2", "*").replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Patterns see Latin-1, one character for each byte: other text is given to them as the bytes of its UTF-8. */
export function asBytes(text: string): string {
  for (let at = 0; at < text.length; at++)
    if (text.charCodeAt(at) > 0x7f) return Buffer.from(text).toString("latin1");
  return text;
}
