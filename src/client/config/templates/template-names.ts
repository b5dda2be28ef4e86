import { readFileSync, statSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import { closest } from "../../text/closest.ts";

/** What a name stands for. */
export type NameValue =
  | { readonly value: string }
  /** The name is known, and has no value here. */
  | { readonly missing: string; readonly hint: string }
  | { readonly unknown: string; readonly hint: string };

/** Gives what the names of templates stand for. */
export type TemplateNames = (name: string) => NameValue;

const known = ["env.", "git.branch", "hostname", "user"];

/** The names there are, looked up when they are asked for. `folder` is one of the repository whose branch is meant. */
export function templateNames(about: { environment: NodeJS.ProcessEnv; folder: string }): TemplateNames {
  const { environment, folder } = about;
  return (name) => {
    if (name.startsWith("env.")) return variable(name.slice("env.".length), environment);
    if (name === "hostname") return { value: hostname() };
    if (name === "user") return { value: userName(environment) };
    if (name !== "git.branch") return unknownName(name, environment);
    const value = branchAt(folder);
    if (value !== undefined) return { value };
    return { missing: "no branch is checked out here", hint: orDefault(name) };
  };
}

function variable(name: string, environment: NodeJS.ProcessEnv): NameValue {
  if (!/^[A-Za-z_]\w*$/.test(name))
    return { unknown: `env.${name} names no variable`, hint: "Behind env. come letters, digits and _." };
  const value = environment[name];
  return value === undefined
    ? { missing: `the variable ${name} is not set`, hint: `Set it, or w${orDefault(`env.${name}`).slice(1)}` }
    : { value };
}

function orDefault(name: string): string {
  return `Write {{ ${name} | default("…") }} for a value of its own.`;
}

function unknownName(name: string, environment: NodeJS.ProcessEnv): NameValue {
  const unknown = `a template has no name ${JSON.stringify(name)}`;
  if (environment[name] !== undefined) return { unknown, hint: `Did you mean env.${name}?` };
  const meant = closest(name, ["git.branch", "hostname", "user"]);
  if (meant !== undefined) return { unknown, hint: `Did you mean ${meant}?` };
  return {
    unknown,
    hint: `Known here: ${known.map((one) => (one === "env." ? "env.<variable>" : one)).join(", ")}.`,
  };
}

/** Under sudo the one who called it is meant, not root. */
function userName(environment: NodeJS.ProcessEnv): string {
  try {
    return environment["SUDO_USER"] ?? userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "?"}`; // in a container whose uid has no name
  }
}

/**
 * The branch that is checked out where a folder lies, from the repository's own file HEAD: no program is run for it.
 * Undefined outside of a repository, and where a commit is checked out and no branch.
 */
export function branchAt(folder: string): string | undefined {
  const git = gitFolderAt(folder);
  if (git === undefined) return undefined;
  try {
    return /^ref: refs\/heads\/(.+)\n?$/.exec(readFileSync(`${git}/HEAD`, "utf8"))?.[1];
  } catch {
    return undefined; // no repository, or one that cannot be read
  }
}

/** `.git` is a folder, or a file that names one (gitrepository-layout(5)). */
function gitFolderAt(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const git = `${at}/.git`;
    const stat = statSync(git, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) return git;
    if (stat?.isFile() === true) {
      const named = /^gitdir: (.+?)\s*$/.exec(readFileSync(git, "utf8"))?.[1];
      return named === undefined ? undefined : resolve(at, named);
    }
    if (dirname(at) === at) return undefined;
  }
}
