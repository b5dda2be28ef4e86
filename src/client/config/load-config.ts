import { closest } from "../text/closest.ts";
import type { ConfigProblem } from "./config-problem.ts";
import {
  type ConfigNode,
  type ConfigPath,
  type Fault,
  type FilePlace,
  memberAt,
  nearestNode,
  plainValue,
  readDocument,
  type SourceText,
} from "./document/index.ts";
import type { ConfigFile } from "./find-config.ts";
import { isMirrords } from "./mirrord/is-mirrords.ts";
import { faultOf, fieldText, problemOf, sorted } from "./place-problems.ts";
import { readSource } from "./read-source.ts";
import { checkValue, type Config, type ValueFault } from "./schema/index.ts";
import { fillTemplates, type TemplateNames, templateNames } from "./templates/index.ts";
import { withFields } from "./with-fields.ts";

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
  const read = readSource(file);
  if ("problem" in read) return { problems: [read.problem] };
  const { source } = read;
  if (isMirrords(file, source.text)) {
    const { loadMirrord } = await import("./mirrord/load-mirrord.ts");
    return await loadMirrord(file, { source, ...options });
  }
  const { root, faults, isBroken = false } = await readDocument(file.path, source.text);
  if (root === undefined || root.kind !== "object") {
    if (faults.length > 0) return { problems: sorted(faults.map((fault) => problemOf(source, fault))) };
    if (root === undefined) return loadedOf(file, { source, root: emptyRoot, options });
    const message = `a config is an object of fields, and this is a ${root.kind === "list" ? "list" : "single value"}`;
    return { problems: [problemOf(source, { message, span: { ...root.span, end: root.span.begin + 1 } })] };
  }
  const names = options.names ?? templateNames({ environment: options.environment, folder: file.folder });
  const filled = fillTemplates(root, { names, text: source.text });
  const checked = checkValue(plainValue(filled.root));
  const untold = [...faults, ...filled.faults];
  const values = (checked.faults ?? [])
    .map((fault) => ({ fault, at: faultOf(fault, { root: filled.root, source }) }))
    // What could not be read or filled in is told, and what it would be is not known.
    .filter(({ at }) => !untold.some(({ span }) => span.begin >= at.span.begin && span.begin < at.span.end))
    .map(({ fault, at }) => problemOf(source, inFields(at), fieldText(fault)));
  const texts = untold.map((fault) => problemOf(source, fault));
  const problems = sorted([...texts, ...(isBroken ? [] : values)]);
  return problems.length > 0 ? { problems } : loadedOf(file, { source, root: filled.root, options });
}

/** What reads a flag speaks of flags. */
function inFields(fault: Fault): Fault {
  const { message, hint } = fault;
  return { ...fault, message: withFields(message), hint: hint === undefined ? undefined : withFields(hint) };
}

const emptyRoot: ConfigNode = { kind: "object", members: [], span: { begin: 0, end: 0 } };

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
