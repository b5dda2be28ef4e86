import type { ConfigProblem } from "../config-problem.ts";
import type { SourceText } from "../document/index.ts";
import type { ConfigFile } from "../find-config.ts";
import type { ConfigOrProblems, LoadOptions } from "../load-config.ts";
import { problemOf, sorted } from "../place-problems.ts";
import { checkValue } from "../schema/index.ts";
import { templateNames } from "../templates/index.ts";
import { originOf } from "./field-origins.ts";
import { readMirrord, type ReadMirrordOptions } from "./read-mirrord.ts";

/** Reads a config of mirrord as one of ours. Places are those of its own fields. */
export async function loadMirrord(
  file: ConfigFile,
  { source, environment, profile, names }: LoadOptions & { readonly source: SourceText },
): Promise<ConfigOrProblems> {
  const read = await readMirrord(source, optionsOf(file, { environment, names }));
  const told = (faults: typeof read.problems) =>
    sorted(faults.map((fault) => problemOf(source, fault, fault.field)));
  if (read.config === undefined) return { problems: told(read.problems) };
  if (profile !== undefined) return { problems: [profileProblem(source, profile)] };
  const checked = checkValue(read.config);
  const problemAt = (
    path: readonly (string | number)[],
    what: { message: string; hint: string | undefined },
  ) => problemOf(source, { ...what, span: read.spanOf(originOf(path)) }, originOf(path).join("."));
  if (checked.faults !== undefined)
    return {
      problems: sorted(checked.faults.map(({ path, message, hint }) => problemAt(path, { message, hint }))),
    };
  return {
    loaded: {
      file,
      config: checked.config,
      profile: undefined,
      profiles: [],
      notices: [...foundNotice(file), ...variablesNotice(file, environment), ...told(read.notices)],
      placeOf: (path) => source.placeAt(read.spanOf(originOf(path)).begin),
      namesIn: () => [],
      problemAt,
    },
  };
}

/** How a file is read: a key that it does not name is the user's name, which tells people apart and can be guessed by its owner. */
export function optionsOf(
  { folder }: ConfigFile,
  { environment, names }: { environment: NodeJS.ProcessEnv; names?: LoadOptions["names"] | undefined },
): ReadMirrordOptions {
  const user = (names ?? templateNames({ environment, folder }))("user");
  return { environment, key: "value" in user ? user.value : "magpie" };
}

/** That a file of another tool was taken, which nobody named. */
function foundNotice({ shown, isMirrords = false }: ConfigFile): ConfigProblem[] {
  const message =
    "this is mirrord's, read since there is no config of magpie; magpie config convert makes one of it";
  return isMirrords ? [wholeFile(shown, message)] : [];
}

/** mirrord reads most of its fields from variables, too. */
function variablesNotice({ shown }: ConfigFile, environment: NodeJS.ProcessEnv): ConfigProblem[] {
  const names = Object.keys(environment).filter((name) => name.startsWith("MIRRORD_"));
  if (names.length === 0) return [];
  return [
    wholeFile(shown, `variables of mirrord are not read: ${names.join(", ")}; magpie's are called MAGPIE_…`),
  ];
}

function wholeFile(file: string, message: string): ConfigProblem {
  return { field: "", message, hint: undefined, place: undefined, file, excerpt: [] };
}

function profileProblem(source: SourceText, profile: string): ConfigProblem {
  return {
    ...problemOf(source, {
      message: `there is no profile ${JSON.stringify(profile)}: a config of mirrord has none`,
      hint: "magpie config convert makes one of ours of it.",
      span: { begin: 0, end: 1 },
    }),
    place: undefined,
    excerpt: [],
  };
}
