import { isDeepStrictEqual } from "node:util";
import type { SourceText } from "../document/index.ts";
import type { Config } from "../schema/index.ts";
import { type ReadMirrord, readMirrord, type ReadMirrordOptions } from "./read-mirrord.ts";
import type { TeraTerm } from "./tera-expression.ts";

/** How the file was read, and what of ours stands for its key where it has none. */
export interface KeepOptions extends ReadMirrordOptions {
  readonly keyTemplate: string;
}

/** A translated config in which templates stand as ours. */
export interface KeptTemplates {
  readonly config: Config;
  /** Templates that had to be filled in, as they were written. */
  readonly filled: readonly string[];
}

/**
 * Writes templates of mirrord as ours where a team shares the file: those of one person would be wrong for all others. Each is
 * tried by a mark in its place: where the translation has moved the mark as it stood, and everything else is the same, the template
 * may stand there too. The others are filled in.
 */
export async function keepTemplates(
  source: SourceText,
  { read, options }: { read: ReadMirrord & { readonly config: Config }; options: KeepOptions },
): Promise<KeptTemplates> {
  const values = read.terms.map(({ value }) => value);
  const keyTemplate = read.ownKey === undefined ? options.keyTemplate : undefined;
  const candidates = read.terms.map(({ term, value }, index) => {
    return { index, value, template: templateOf(term, keyTemplate) };
  });
  const kept = new Set<number>();
  for (const { index, template, value } of candidates) {
    if (template === undefined) continue;
    const marked = await withMarks(source, { options, marks: new Set([...kept, index]) });
    if (marked === undefined || !textOf(marked).includes(markOf(index))) continue;
    const filledIn = replaced(marked, (at) => values[at] ?? "");
    if (value !== "" && isDeepStrictEqual(filledIn, read.config)) kept.add(index);
  }
  const marked = kept.size === 0 ? read.config : await withMarks(source, { options, marks: kept });
  const config =
    marked === undefined ? read.config : replaced(marked, (at) => candidates[at]?.template ?? "");
  const filled = read.terms
    .filter((_term, index) => !kept.has(index))
    // What does not differ by person needs no template.
    .filter(
      ({ term: { subject } }) =>
        subject.kind === "env" || (subject.kind === "key" && read.ownKey === undefined),
    )
    .map(({ term }) => `{{ ${term.written} }}`);
  return { config, filled: [...new Set(filled)] };
}

/** A word that is a name, a text and a piece of a pattern alike, and that nobody writes. */
function markOf(index: number): string {
  return `magpie0template${index}x`;
}

async function withMarks(
  source: SourceText,
  { options, marks }: { options: ReadMirrordOptions; marks: ReadonlySet<number> },
): Promise<Config | undefined> {
  const instead = (_term: TeraTerm, index: number) => (marks.has(index) ? markOf(index) : undefined);
  return (await readMirrord(source, { ...options, instead })).config;
}

/** Ours for a term; undefined where there is none. */
function templateOf({ subject, filters }: TeraTerm, keyTemplate: string | undefined): string | undefined {
  if (filters.length > 0 || subject.kind === "text") return undefined;
  if (subject.kind === "key") return keyTemplate;
  const { name, fallback } = subject;
  if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
  if (fallback === undefined) return `{{ env.${name} }}`;
  if (!fallback.includes('"')) return `{{ env.${name} | default("${fallback}") }}`;
  return fallback.includes("'") ? undefined : `{{ env.${name} | default('${fallback}') }}`;
}

function textOf(config: Config): string {
  return JSON.stringify(config);
}

/** With something else in the place of each mark, in names and values. */
function replaced(config: Config, by: (index: number) => string): Config {
  const inText = (text: string) =>
    text.replaceAll(/magpie0template(\d+)x/g, (_mark, index) => by(Number(index)));
  const inValue = (value: unknown): unknown => {
    if (typeof value === "string") return inText(value);
    if (Array.isArray(value)) return value.map(inValue);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [inText(key), inValue(inner)]));
  };
  // Only texts have changed, each into a text.
  return inValue(config) as Config;
}
