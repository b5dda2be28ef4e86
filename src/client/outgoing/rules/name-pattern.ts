import { fitsGlob } from "../../text/glob.ts";

/** A name in a rule, in which `*` is any run of characters, dots too. */
export interface NamePattern {
  /** As `canonicalName` writes names. */
  readonly glob: string;
  /** It was written with a dot at its end: a name is only what it says, whatever the pod's search domains are (RFC 1034 §3.1). */
  readonly isAbsolute: boolean;
}

/** How a pattern fits a name: what stands before a search domain counts as well, for a resolver may have added that. */
export type NameFit =
  | { readonly how: "as-it-is" }
  | { readonly how: "under-search"; readonly short: string; readonly searchDomain: string }
  /** It depends on the pod's search domains, which nobody has read: this would have to be one. */
  | { readonly how: "if-search"; readonly searchDomain: string };

/** Names are compared without case (RFC 4343), and without the dot at the end. */
export function canonicalName(name: string): string {
  const lower = name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

/**
 * Whether a pattern names a host. A program that asks for `redis` is sent through the pod's search domains by its resolver, and
 * asks a name server for `redis.default.svc.cluster.local`: a rule that names `redis` means that too.
 */
export function fitName(
  { glob, isAbsolute }: NamePattern,
  asked: string,
  searchDomains: readonly string[] | null,
): NameFit | undefined {
  const name = canonicalName(asked);
  if (fitsGlob(glob, name)) return { how: "as-it-is" };
  if (searchDomains === null) return fitUnknown({ glob, isAbsolute }, asked);
  if (isAbsolute) return undefined;
  for (const searchDomain of searchDomains) {
    if (searchDomain === "" || !name.endsWith(`.${searchDomain}`)) continue;
    const short = name.slice(0, -searchDomain.length - 1);
    if (fitsGlob(glob, short)) return { how: "under-search", short, searchDomain };
  }
  return undefined;
}

/** What a program's resolver would make of a name, or has made it of, is not known without the pod. */
function fitUnknown({ glob, isAbsolute }: NamePattern, asked: string): NameFit | undefined {
  const name = canonicalName(asked);
  // The pattern is the longer one: the resolver may lead there.
  if (!asked.endsWith(".") && !glob.includes("*") && glob.startsWith(`${name}.`))
    return { how: "if-search", searchDomain: glob.slice(name.length + 1) };
  if (isAbsolute) return undefined;
  // The name is the longer one: the resolver may have led here.
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1))
    if (fitsGlob(glob, name.slice(0, dot))) return { how: "if-search", searchDomain: name.slice(dot + 1) };
  return undefined;
}
