import { createHash } from "node:crypto";
import { ClientError } from "../errors.ts";
import { siteOfOne } from "./member-site.ts";
import { NamespaceMembers } from "./namespace-members.ts";
import { hintOfNames, listNames, namesDirectory } from "./resolve-target.ts";
import type { ResolvedTarget } from "./target.ts";

/** The pattern of names in `netns:web-*`; undefined for what is none. */
export function namespacePattern(text: string): string | undefined {
  const pattern = /^netns:([^/]*\*[^/]*)$/.exec(text)?.[1];
  return pattern;
}

/**
 * Every network namespace whose name fits the pattern, now and later.
 * @throws ClientError `target-unknown` when none does yet
 */
export function openPattern(
  pattern: string,
  options: {
    readonly open: (text: string) => ResolvedTarget;
    readonly requirePrivilege: () => void;
    readonly directory?: string;
  },
): ResolvedTarget {
  const { open, requirePrivilege, directory = namesDirectory } = options;
  const label = `netns:${pattern}`;
  const members = new NamespaceMembers({ pattern, directory, open: (name) => open(`netns:${name}`) });
  if (members.now().length === 0) {
    throw new ClientError("target-unknown", `${label}: no network namespace has such a name`, {
      hint: hintOfNames(pattern.replaceAll("*", ""), listNames(directory)),
    });
  }
  return { label, key: keyOfLabel(label), site: siteOfOne({ label, members }), members, requirePrivilege };
}

/** Tells what is known by its label alone from others, in letters that a file's name may have. */
export function keyOfLabel(label: string): string {
  return `all-${createHash("sha256").update(label).digest("hex").slice(0, 24)}`;
}
