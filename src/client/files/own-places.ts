import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { normalPath } from "./normal-path.ts";

/** Folders of this machine that this user works with. */
export interface OwnPlace {
  readonly path: string;
  /** Why, as the end of a sentence about what is in it: "… since it …". */
  readonly because: string;
}

/** What tells where they are. */
export interface PlacesSource {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly home: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The program's file, where one is named. Absolute. */
  readonly program: string | undefined;
}

/** These stay the user's own (`context/built-in-excludes.ts`), so that what they name must too. A few of them name many. */
const FOLDER_VARIABLES = [
  ...["PATH", "LD_LIBRARY_PATH", "TMPDIR", "XDG_RUNTIME_DIR", "JAVA_HOME", "GOROOT", "GOPATH", "GOMODCACHE"],
  ...["GOCACHE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "NODE_PATH", "NVM_DIR"],
  ...["GEM_HOME", "GEM_PATH", "RUBYLIB", "PERL5LIB", "CARGO_HOME", "RUSTUP_HOME", "DOTNET_ROOT"],
];

/**
 * Gives the folders that are the user's own: the home, where the program is started and the project around that, the
 * program's own installation, and what variables name that stay the user's. Each by all its names, where links lead to it.
 * The root is never among them.
 */
export function ownPlaces({ workingDirectory, home, environment, program }: PlacesSource): OwnPlace[] {
  const places: OwnPlace[] = [];
  const add = (path: string | undefined, because: string) => {
    if (path === undefined || !path.startsWith("/")) return;
    for (const name of new Set([normalPath(path), realPath(path)]))
      if (name !== "/" && !places.some((place) => place.path === name)) places.push({ path: name, because });
  };
  add(home, "is in your home");
  add(workingDirectory, "is in the folder where the program is started");
  const logical = environment["PWD"];
  if (logical?.startsWith("/") && realPath(logical) === realPath(workingDirectory))
    add(logical, "is in the folder where the program is started");
  add(projectOf(workingDirectory), "is in the project in which the program is started");
  if (program !== undefined)
    for (const path of [program, realPath(program)])
      add(installation(dirname(path)), "is where the program is installed");
  for (const name of FOLDER_VARIABLES)
    for (const folder of (environment[name] ?? "").split(":"))
      add(
        name === "PATH" && folder !== "" ? installation(folder) : folder,
        `is in a folder that your ${name} names`,
      );
  return places;
}

/** The folders on the way to these, each once; the root is not among them. */
export function waysTo(places: readonly OwnPlace[]): string[] {
  const ways = new Set<string>();
  for (const { path } of places) for (let way = dirname(path); way !== "/"; way = dirname(way)) ways.add(way);
  return [...ways];
}

/** The nearest folder above, or the folder itself, that a version control system keeps. */
function projectOf(folder: string): string | undefined {
  for (let at = folder; at !== "/"; at = dirname(at)) if (existsSync(join(at, ".git"))) return at;
  return undefined;
}

/** Of a folder of programs: what they were installed with, such as `lib` beside `bin`. */
function installation(folder: string): string {
  const [before, inside] = folder.split("/node_modules/", 2);
  if (inside !== undefined && before) return before;
  const isBin = ["bin", "sbin", ".bin"].includes(basename(folder));
  return isBin && dirname(folder) !== "/" ? dirname(folder) : folder;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return normalPath(path); // It is not there yet, or may not be looked at: its own name is all there is to say.
  }
}
