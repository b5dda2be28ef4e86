import { toByteText } from "../context/index.ts";
import { ClientError } from "../errors.ts";
import { closest } from "../text/closest.ts";
import { printable } from "../text/paint.ts";
import { builtInPaths } from "./built-in-file-rules.ts";
import { type FileMode, fileModes, type FileRule, type FileRuleList } from "./file-rule.ts";
import { madeFiles, whyMade } from "./made-files.ts";
import { normalPath } from "./normal-path.ts";
import { ownPlaces, type PlacesSource, waysTo } from "./own-places.ts";

/** The flags about files as they were written. */
export interface WrittenFileRules {
  /** `mode:pattern` each, in the order of the command line. */
  readonly file: readonly string[];
  readonly fs: FileRuleList["otherwise"];
}

/** What `./` and `~/` stand for. */
type FolderNames = Pick<PlacesSource, "workingDirectory" | "home">;

const MAX_PATTERN_LENGTH = 4096;

/**
 * Makes the list of rules: those of the flags in their order, then the built-in ones.
 * @throws ClientError `usage` at the first flag that cannot be understood
 */
export function rulesOfFileFlags(written: WrittenFileRules, source: PlacesSource): FileRuleList {
  const flags = written.file.map((text) => fileRuleOf(text, source));
  const own = ownPlaces(source);
  const made = (path: string): FileRule => ({
    mode: "read",
    pattern: path,
    written: whyMade,
    origin: "made",
  });
  return {
    rules: [
      ...flags.filter(({ pattern }) => madeFiles.includes(pattern)),
      ...madeFiles.map(made),
      ...flags,
      ...own.map(({ path, because }) => builtIn("local", { pattern: path, because })),
      ...builtInPaths.flatMap(({ mode, because, patterns }) =>
        patterns.map((pattern) => builtIn(mode, { pattern, because })),
      ),
      ...waysTo(own).map((path) =>
        builtIn("local", { pattern: `${path}/.`, because: "leads to a folder of yours" }),
      ),
    ],
    otherwise: written.fs,
  };
}

function builtIn(mode: FileMode, { pattern, because }: { pattern: string; because: string }): FileRule {
  return { mode, pattern: toByteText(pattern), written: because, origin: "built-in" };
}

/** Reads one of the flags. @throws ClientError `usage` */
export function fileRuleOf(text: string, source: FolderNames): FileRule {
  const flag = `--file ${quoted(text)}`;
  const colon = text.indexOf(":");
  const word = colon === -1 ? text : text.slice(0, colon);
  const mode = fileModes.find((mode) => mode === word);
  if (mode === undefined || colon === -1) {
    const meant = mode === undefined ? closest(word, fileModes) : undefined;
    throw new ClientError("usage", `${flag} is not written mode:path`, {
      hint: `The mode is one of ${fileModes.join(", ")}${meant ? `; was ${meant} meant?` : "."}`,
    });
  }
  const pattern = absolutePattern(text.slice(colon + 1), { flag, source });
  return { mode, pattern: toByteText(pattern), written: flag, origin: "flag" };
}

function absolutePattern(pattern: string, { flag, source }: { flag: string; source: FolderNames }): string {
  if (pattern === "") throw new ClientError("usage", `${flag} names no path`);
  if (pattern.length > MAX_PATTERN_LENGTH || pattern.includes("\0"))
    throw new ClientError("usage", `${flag} is longer than a path can be`);
  // `/srv/.` says something that `normalPath` would take away.
  const alone = pattern.endsWith("/.") ? "/." : "";
  return normalPath(fromRoot(pattern, { flag, source })) + alone;
}

function fromRoot(pattern: string, { flag, source }: { flag: string; source: FolderNames }): string {
  if (pattern.startsWith("/")) return pattern;
  if (pattern.startsWith("**")) return `/${pattern}`;
  if (/^\.{1,2}(?:\/|$)/.test(pattern)) return `${source.workingDirectory}/${pattern}`;
  if (!/^~(?:\/|$)/.test(pattern))
    throw new ClientError(
      "usage",
      `${flag}: a path begins with / or ~/, or with ./ for the folder you are in`,
    );
  if (source.home !== undefined) return source.home + pattern.slice(1);
  throw new ClientError("usage", `${flag}: it is not known where your home is`, { hint: "HOME is not set." });
}

/** As it is written in a shell, or nearly: for people. */
function quoted(text: string): string {
  return /^[\w@%+:,./~-]+$/.test(text) ? text : `'${printable(text)}'`;
}
