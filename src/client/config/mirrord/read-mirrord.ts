import {
  type ConfigNode,
  type Fault,
  plainValue,
  readDocument,
  SourceText,
  type Span,
} from "../document/index.ts";
import { faultOf, fieldText } from "../place-problems.ts";
import { type Config, faultsOfIssues, type ValueFault } from "../schema/index.ts";
import { type PlacedTerm, type RenderedText, renderTera } from "./render-tera.ts";
import { type MirrordConfig, mirrordShape } from "./shape/mirrord.ts";
import type { TeraTerm } from "./tera-expression.ts";
import { translate } from "./translate.ts";
import { type MirrordPath, type Told, TranslationReport } from "./translation-report.ts";

/** What a config of mirrord comes to. All places are offsets of the file as it is written. */
export interface ReadMirrord {
  /** Undefined where something is wrong. */
  readonly config: Config | undefined;
  readonly problems: readonly PlacedFault[];
  /** What becomes of fields that have no counterpart, or not quite. */
  readonly notices: readonly PlacedFault[];
  readonly terms: readonly PlacedTerm[];
  /** The key that the file names. */
  readonly ownKey: string | undefined;
  /** Where a field of mirrord stands, or what is around it. */
  readonly spanOf: (path: MirrordPath) => Span;
}

export interface PlacedFault extends Fault {
  /** The field that it is of. */
  readonly field: string;
}

export interface ReadMirrordOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** What `{{ key }}` is where the file has no key. */
  readonly key: string;
  /** What a term comes to, in place of its value; undefined for its value. */
  readonly instead?: ((term: TeraTerm, index: number) => string | undefined) | undefined;
}

/** Stands for the key while the file is read to find it. */
const unknownKey = "magpie-key";

/** Reads and translates a text; its format is that of `file`. Nothing else is read. */
export async function readMirrord(
  { file, text }: SourceText,
  options: ReadMirrordOptions,
): Promise<ReadMirrord> {
  const own = await ownKey({ file, text }, options);
  const rendered = render(text, own ?? options.key, options);
  const spanIn = (span: Span): Span => {
    const begin = rendered.offsetOf(span.begin);
    return { begin, end: Math.max(begin + 1, rendered.offsetOf(span.end)) };
  };
  const templates = rendered.problems.map(({ offset, message, hint }) => ({
    ...{ field: "", message, hint },
    span: { begin: offset, end: offset + 1 },
  }));
  const read = await readDocument(file, rendered.text);
  const root = read.root ?? emptyRoot;
  const problems: PlacedFault[] = [...templates];
  // What a template that cannot be filled in leaves behind is not the user's mistake.
  if (templates.length === 0) {
    problems.push(...read.faults.map((fault) => ({ ...fault, field: "", span: spanIn(fault.span) })));
    if (root.kind !== "object")
      problems.push({
        field: "",
        message: "a config of mirrord is an object of fields",
        span: spanIn(root.span),
      });
  }
  const report = new TranslationReport();
  const source = new SourceText(file, rendered.text);
  const placed = (fault: ValueFault): PlacedFault => {
    const found = faultOf(fault, { root, source });
    return { ...found, field: fieldText(fault), span: spanIn(found.span) };
  };
  const checked = root.kind === "object" ? checkMirrord(plainValue(root)) : { faults: [] };
  const config = checked.config === undefined ? undefined : translate(checked.config, report);
  const asking =
    own === undefined ? rendered.terms.find(({ term }) => term.subject.kind === "key") : undefined;
  const notices = report.notices.map((told: Told) => placed(told));
  if (asking !== undefined)
    notices.unshift({
      field: "",
      message: `{{ key }} is ${JSON.stringify(options.key)}, since the file has no key; add "key" to choose another`,
      span: { begin: asking.offset, end: asking.offset + 1 },
    });
  if (templates.length === 0)
    problems.push(...(checked.faults ?? []).map(placed), ...report.problems.map(placed));
  return {
    config: problems.length === 0 ? config : undefined,
    problems,
    notices,
    terms: rendered.terms,
    ownKey: own,
    spanOf: (path) => spanIn(faultOf({ path, message: "" }, { root, source }).span),
  };
}

const emptyRoot: ConfigNode = { kind: "object", members: [], span: { begin: 0, end: 0 } };

function checkMirrord(value: unknown): { config?: MirrordConfig; faults?: readonly ValueFault[] } {
  const { data, error } = mirrordShape.safeParse(value);
  return error === undefined
    ? { config: data }
    : { faults: faultsOfIssues(error.issues, { value, schema: mirrordShape }) };
}

/** The key that the file names, which its own templates may stand for. */
async function ownKey(
  { file, text }: { file: string; text: string },
  options: ReadMirrordOptions,
): Promise<string | undefined> {
  if (!/\bkey\b/.test(text)) return undefined;
  const { root } = await readDocument(file, render(text, unknownKey, options).text);
  const value = root === undefined ? undefined : plainValue(root);
  const key = typeof value === "object" && value !== null && "key" in value ? value.key : undefined;
  return typeof key === "string" && key !== "" && !key.includes(unknownKey) ? key : undefined;
}

function render(text: string, key: string, { environment, instead }: ReadMirrordOptions): RenderedText {
  return renderTera(text, (term, index) => instead?.(term, index) ?? valueOf(term, { key, environment }));
}

function valueOf(
  { subject, filters }: TeraTerm,
  { key, environment }: { key: string; environment: NodeJS.ProcessEnv },
): string | { message: string; hint: string } {
  const filtered = (value: string) => filters.reduce((text, filter) => filter(text), value);
  if (subject.kind === "text") return filtered(subject.text);
  if (subject.kind === "key") return filtered(key);
  const value = environment[subject.name] ?? subject.fallback;
  if (value !== undefined) return filtered(value);
  return {
    message: `the variable ${subject.name} is not set`,
    hint: `Set it, or write get_env(name="${subject.name}", default="…").`,
  };
}
