import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ClientError } from "../errors.ts";

/** A file that is read as the config. */
export interface ConfigFile {
  readonly path: string;
  /** As people are shown it: from the folder one is in, where it lies below. */
  readonly shown: string;
  /** The folder of the project, at which its paths begin: the one that `.magpie` is in, or the file itself. */
  readonly folder: string;
  /** It was found for want of a config of ours. */
  readonly isMirrords?: boolean;
}

const names = ["magpie.json", "magpie.jsonc", "magpie.toml", "magpie.yaml", "magpie.yml"];

/**
 * Looks for `.magpie/magpie.*`, then for `magpie.*`, in a folder and upwards to the root of its repository; outside of one in
 * the folder alone, since a folder above it may be anybody's. Where there is none, `.mirrord/mirrord.*` is one. Undefined where
 * there is neither.
 * @throws ClientError `usage` when a folder has two
 */
export function findConfig(folder: string): ConfigFile | undefined {
  const folders = upToRepository(folder);
  for (const at of folders) {
    for (const place of [join(at, ".magpie"), at]) {
      const found = names.map((name) => join(place, name)).filter((path) => existsSync(path));
      const [only, second] = found;
      if (second !== undefined && only !== undefined)
        throw twoConfigs(shownFrom(folder, only), shownFrom(folder, second));
      if (only !== undefined) return { path: only, shown: shownFrom(folder, only), folder: at };
    }
  }
  return findMirrords(folder, folders);
}

/** `.mirrord/mirrord.*`, where there is no config of ours: it does the same. */
function findMirrords(folder: string, folders: readonly string[]): ConfigFile | undefined {
  for (const at of folders) {
    const found = ["json", "toml", "yaml", "yml"]
      .map((ending) => join(at, ".mirrord", `mirrord.${ending}`))
      .filter((path) => existsSync(path));
    const [only, second] = found;
    if (second !== undefined && only !== undefined)
      throw twoConfigs(shownFrom(folder, only), shownFrom(folder, second));
    if (only !== undefined)
      return { path: only, shown: shownFrom(folder, only), folder: at, isMirrords: true };
  }
  return undefined;
}

/** The file that `--config` names. */
export function namedConfig(path: string, folder: string): ConfigFile {
  const whole = join(path.startsWith("/") ? "/" : folder, path);
  const at = dirname(whole);
  return {
    path: whole,
    shown: shownFrom(folder, whole),
    folder: /\/\.(?:magpie|mirrord)$/.test(at) ? dirname(at) : at,
  };
}

function upToRepository(folder: string): string[] {
  const folders: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    folders.push(at);
    // In a worktree it is a file.
    if (existsSync(join(at, ".git"))) return folders;
    if (dirname(at) === at) return folders.slice(0, 1);
  }
}

function shownFrom(folder: string, path: string): string {
  const way = relative(folder, path);
  // Three folders up is more to read than the whole path.
  return way.startsWith("../../../") ? path : way;
}

function twoConfigs(one: string, other: string): ClientError {
  return new ClientError(
    "usage",
    `there are two configs, and it is not said which is meant: ${one} and ${other}`,
    {
      hint: "Remove one of them, or name one by --config.",
    },
  );
}
