import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs that namespace mode runs, and what distributions call the packages that have them. */
const packages = {
  unshare: "util-linux",
  nsenter: "util-linux",
  ip: "iproute2 (iproute on Fedora)",
  nft: "nftables",
} as const;
export type ToolName = keyof typeof packages;

/** Where programs for administrators are, which an ordinary user's PATH often leaves out. */
const FURTHER_DIRECTORIES = ["/usr/sbin", "/sbin"];

/** The PATH that they are looked for in, also by the keeper. */
export function toolPath(): string {
  return [process.env.PATH ?? "", ...FURTHER_DIRECTORIES].join(delimiter);
}

/** The file of each program, or undefined where there is none. */
export function findTools(path: string = toolPath()): Record<ToolName, string | undefined> {
  const find = (name: string): string | undefined =>
    path
      .split(delimiter)
      .filter((directory) => directory.startsWith("/"))
      .map((directory) => join(directory, name))
      .find((file) => isExecutable(file));
  return { unshare: find("unshare"), nsenter: find("nsenter"), ip: find("ip"), nft: find("nft") };
}

/** For people: what is missing and where it is from; undefined when nothing is. */
export function whatIsMissing(
  tools: Record<ToolName, string | undefined>,
): { programs: string; packages: string } | undefined {
  const missing = (Object.keys(packages) as ToolName[]).filter((name) => tools[name] === undefined); // Its own keys.
  if (missing.length === 0) return undefined;
  const from = new Set(missing.map((name) => packages[name]));
  return { programs: missing.join(", "), packages: [...from].join(", ") };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
