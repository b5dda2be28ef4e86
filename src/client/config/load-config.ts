import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { closest } from "../text/closest.ts";
import type { ConfigProblem } from "./config-problem.ts";
import {
  type ConfigNode,
  type ConfigPath,
  decodeText,
  endings,
  type FilePlace,
  limits,
  memberAt,
  nearestNode,
  plainValue,
  readDocument,
  SourceText,
} from "./document/index.ts";
import type { ConfigFile } from "./find-config.ts";
import { isMirrords } from "./mirrord/is-mirrords.ts";
import { faultOf, fieldText, problemOf, sorted } from "./place-problems.ts";
import { checkValue, type Config, type ValueFault } from "./schema/index.ts";
import { fillTemplates, type TemplateNames, templateNames } from "./templates/index.ts";

/** A config that was read, and where each of its values stands. */
export interface LoadedConfig {
  readonly file: ConfigFile;
  /** With its profile, and its templates filled in. */
  readonly config: Config;
  readonly profile: string | undefined;
  /** The names of all that it has. */
  readonly profiles: readonly string[];
  /** Where a value stands, or what is around it. */
  readonly placeOf: (path: ConfigPath) => FilePlace;
  /** What is to be told of fields of another tool's config that were read, but for what they mean here. */
  readonly notices?: readonly ConfigProblem[];
  /** The names that templates in a value asked for. */
  readonly namesIn: (path: ConfigPath) => readonly string[];
  /** A problem at a place of it. */
  readonly problemAt: (
    path: ConfigPath,
    what: { message: string; hint: string | undefined },
  ) => ConfigProblem;
}

/** What `loadConfig` gives: the config, or all that is wrong with it. */
export type ConfigOrProblems =
  | { readonly loaded: LoadedConfig; readonly problems?: never }
  | { readonly loaded?: never; readonly problems: readonly ConfigProblem[] };

export interface LoadOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Which of its profiles holds; the one that it names itself when absent. */
  readonly profile?: string | undefined;
  /** What templates stand for; of this machine when absent. */
  readonly names?: TemplateNames;
}

/** Reads a config: all that is wrong with it is told at once. Nothing but the file is read, and of the repository its branch. */
export async function loadConfig(file: ConfigFile, options: LoadOptions): Promise<ConfigOrProblems> {
  const read = readFile(file);
  if ("problem" in read) return { problems: [read.problem] };
  const { source } = read;
  if (isMirrords(file, source.text)) {
    const { loadMirrord } = await import("./mirrord/load-mirrord.ts");
    return await loadMirrord(file, { source, ...options });
  }
  const { root, faults } = await readDocument(file.path, source.text);
  if (root === undefined || root.kind !== "object") {
    if (faults.length > 0) return { problems: sorted(faults.map((fault) => problemOf(source, fault))) };
    if (root === undefined) return loadedOf(file, { source, root: emptyRoot, options });
    const message = `a config is an object of fields, and this is a ${root.kind === "list" ? "list" : "single value"}`;
    return { problems: [problemOf(source, { message, span: { ...root.span, end: root.span.begin + 1 } })] };
  }
  const names = options.names ?? templateNames({ environment: options.environment, folder: file.folder });
  const filled = fillTemplates(root, { names, text: source.text });
  const checked = checkValue(plainValue(filled.root));
  const unfilled = new Set(filled.faults.map(({ span }) => span.begin));
  const values = (checked.faults ?? [])
    .map((fault) => ({ fault, at: faultOf(fault, { root: filled.root, source }) }))
    // What was not filled in is told, and what it would be is not known.
    .filter(({ at }) => !unfilled.has(at.span.begin))
    .map(({ fault, at }) => problemOf(source, at, fieldText(fault)));
  const texts = [...faults, ...filled.faults].map((fault) => problemOf(source, fault));
  const problems = sorted([...texts, ...values]);
  return problems.length > 0 ? { problems } : loadedOf(file, { source, root: filled.root, options });
}

const emptyRoot: ConfigNode = { kind: "object", members: [], span: { begin: 0, end: 0 } };

function readFile(file: ConfigFile): { source: SourceText } | { problem: ConfigProblem } {
  const fail = (message: string, hint?: string) => ({ problem: { ...wholeFile(file), message, hint } });
  if (!endings.some((ending) => file.path.toLowerCase().endsWith(ending)))
    return fail("its name says no format", `A config ends in ${endings.join(", ")}.`);
  let bytes: Uint8Array;
  try {
    bytes = readBytes(file.path);
  } catch (error) {
    return fail(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (bytes.length > limits.bytes) return fail(`it is larger than ${limits.bytes >> 20} MB`);
  const decoded = decodeText(bytes);
  if ("text" in decoded) return { source: new SourceText(file.shown, decoded.text) };
  const source = new SourceText(file.shown, decoded.before);
  const { line, column } = source.placeAt(decoded.offset);
  const place = { file: file.shown, line, column };
  return { problem: { ...wholeFile(file), message: decoded.wrong, hint: decoded.hint, place } };
}

function wholeFile({ shown }: ConfigFile): ConfigProblem {
  return { field: "", message: "", hint: undefined, place: undefined, file: shown, excerpt: [] };
}

/** One byte more than is allowed at most. A FIFO is read to its end. */
function readBytes(path: string): Uint8Array {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    if (fstatSync(descriptor).isDirectory()) throw new Error("it is a directory");
    const bytes = Buffer.alloc(limits.bytes + 1);
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += count;
      if (count === 0 || length > limits.bytes) return bytes.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}

function loadedOf(
  file: ConfigFile,
  { source, root, options }: { source: SourceText; root: ConfigNode; options: LoadOptions },
): ConfigOrProblems {
  const named = memberAt(root, ["profile"])?.value;
  const own = named?.kind === "scalar" && named.value !== null ? String(named.value) : undefined;
  const profile = options.profile ?? own;
  const profiles = memberAt(root, ["profiles"])?.value;
  const names = profiles?.kind === "object" ? profiles.members.map(({ key }) => key) : [];
  if (profile !== undefined && !names.includes(profile)) {
    const meant = closest(profile, names);
    const known = names.length === 0 ? "It has none." : `It has ${names.join(", ")}.`;
    const problem = problemOf(source, {
      message: `there is no profile ${JSON.stringify(profile)}`,
      hint: meant === undefined ? known : `Did you mean ${meant}?`,
      span: options.profile === undefined ? (named?.span ?? root.span) : { begin: 0, end: 1 },
    });
    const isFlag = options.profile !== undefined;
    return { problems: [isFlag ? { ...problem, place: undefined, excerpt: [] } : problem] };
  }
  const chosen = profile === undefined ? undefined : memberAt(root, ["profiles", profile])?.value;
  const base = without(root, ["profile", "profiles", "$schema"]);
  const merged = chosen === undefined ? base : mergedNodes(base, chosen);
  const { config = {} } = checkValue(plainValue(merged));
  const spanAt = (path: ConfigPath) => nearestNode(merged, path).span;
  return {
    loaded: {
      file,
      config,
      profile,
      profiles: names,
      placeOf: (path) => source.placeAt(spanAt(path).begin),
      namesIn: (path) => namesIn(nearestNode(merged, path)),
      problemAt: (path, what) => {
        const fault: ValueFault = { path, message: what.message, hint: what.hint };
        return problemOf(source, faultOf(fault, { root: merged, source }), fieldText(fault));
      },
    },
  };
}

function without(root: ConfigNode, names: readonly string[]): ConfigNode {
  if (root.kind !== "object") return root;
  return { ...root, members: root.members.filter(({ key }) => !names.includes(key)) };
}

/** What `over` says counts more; objects are joined, everything else takes the other's place. */
function mergedNodes(base: ConfigNode, over: ConfigNode): ConfigNode {
  if (over.kind === "scalar" && over.value === null) return base;
  if (base.kind !== "object" || over.kind !== "object") return over;
  const members = base.members.map((member) => {
    const other = over.members.find(({ key }) => key === member.key);
    return other === undefined ? member : { ...other, value: mergedNodes(member.value, other.value) };
  });
  const added = over.members.filter(({ key }) => !base.members.some((member) => member.key === key));
  return { ...over, members: [...members, ...added] };
}

function namesIn(node: ConfigNode): readonly string[] {
  if (node.kind === "scalar") return node.filledWith ?? [];
  return node.kind === "list"
    ? node.items.flatMap(namesIn)
    : node.members.flatMap(({ value }) => namesIn(value));
}
