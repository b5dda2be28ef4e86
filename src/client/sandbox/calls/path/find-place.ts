import { FileRules, type FileDecision, normalPath } from "../../../files/index.ts";
import { magicPath } from "./magic-path.ts";
import type { PathConfig } from "./path-config.ts";
import type { Place } from "./path-request.ts";
import type { PodFolders, Standing } from "./pod-folders.ts";

/** Where a path of a program leads. */
export type Found =
  /** To a file of this machine, which the kernel finds by itself. `path` without `..`; undefined where it is of no matter. */
  | { readonly at: "kernel"; readonly path?: string; readonly decision?: FileDecision }
  /** Nowhere, by a rule. */
  | { readonly at: "absent"; readonly path: string; readonly decision: FileDecision }
  /**
   * To something open that is the pod's: the kernel reaches it by itself, and may be let where nothing is changed that must
   * not be.
   */
  | { readonly at: "thing"; readonly path: string; readonly mode: "read" | "read-write" }
  /** `isNative`: the kernel would find the very same without following a link, since it is a name in a folder of the pod. */
  | {
      readonly at: "place";
      readonly place: Place;
      readonly isNative: boolean;
      readonly isFolderOfPod: boolean;
    };

const KERNEL: Found = { at: "kernel" };
const AT_FDCWD = -100;

/** Finds out where paths lead, by the rules, and from where: what is relative to a folder of the pod begins in the pod. */
export class PlaceFinder {
  readonly #rules: FileRules;
  readonly #made: ReadonlySet<string>;
  readonly #folders: PodFolders;

  constructor(config: PathConfig, folders: PodFolders) {
    this.#rules = new FileRules(config.rules);
    this.#made = new Set(config.made);
    this.#folders = folders;
  }

  /** @param text not empty, in bytes as latin-1; `folder` is a descriptor of the caller, or AT_FDCWD */
  find(text: string, { tid, folder }: { tid: number; folder: number }): Found {
    if (!text.startsWith("/")) return this.#from(linkOfFolder(tid, folder), text);
    const magic = /^\/+(?:proc|dev)\//.test(text) ? magicPath(text, tid) : undefined;
    if (magic === undefined) return this.#named(text, 0);
    if (magic.thing === "root") return magic.rest === "" ? KERNEL : this.#named(`/${magic.rest}`, 0);
    return magic.rest === "" ? this.thing(magic.link) : this.#from(magic.link, magic.rest);
  }

  /** What is open in the caller, by a link of /proc. */
  thing(link: string): Found {
    if (!this.#folders.mayBePods) return KERNEL;
    const standing = this.#folders.standingAt(link);
    if (standing === null || !standing.isPods) return KERNEL;
    const { mode } = this.#rules.decide(normalPath(standing.path));
    return { at: "thing", path: standing.path, mode: mode === "read-write" ? mode : "read" };
  }

  thingOf(tid: number, descriptor: number): Found {
    return this.thing(linkOfFolder(tid, descriptor));
  }

  /** Relative to what a link of /proc names. */
  #from(link: string, text: string): Found {
    const standing = this.#folders.standingAt(link);
    // No such descriptor, or nothing that has names in it: the kernel says which.
    if (standing === null) return KERNEL;
    const base = standing.path === "/" ? "" : standing.path;
    const whole = `${base}/${text}`;
    return standing.isPods ? this.#fromPod(standing, { text, whole }) : this.#named(whole, base.length);
  }

  #fromPod(standing: Standing, { text, whole }: { text: string; whole: string }): Found {
    const path = normalPath(whole);
    const decision = this.#rules.decide(path);
    const isNative = text === "." || (!text.includes("/") && text !== "..");
    if (decision.mode !== "local")
      return this.#away(decision, { path, whole, isNative, isFolderOfPod: true });
    if (this.#rules.decide(normalPath(standing.path)).mode !== "local")
      return place({ side: "here", path, decision }, { isNative: false, isFolderOfPod: true });
    // A link of the pod has led to where paths are this machine's; from there on it goes as the pod has it.
    const asPods = { mode: "read" as const, rule: decision.rule };
    return place({ side: "pod", path: whole, decision: asPods }, { isNative, isFolderOfPod: true });
  }

  /** By its whole path, of which `base` characters are a folder that is there. */
  #named(whole: string, base: number): Found {
    const path = normalPath(whole);
    const decision = this.#rules.decide(path);
    const isSplit = whole.includes("/..", base) && this.#changesSides(whole, { base, mode: decision.mode });
    if (decision.mode === "local" && !isSplit) return { at: "kernel", path, decision };
    const about = { isNative: false, isFolderOfPod: false };
    if (decision.mode === "local") return place({ side: "here", path, decision }, about);
    return this.#away(decision, { path, whole: isSplit ? path : whole, ...about });
  }

  #away(
    decision: FileDecision,
    about: { path: string; whole: string; isNative: boolean; isFolderOfPod: boolean },
  ): Found {
    const { path, whole } = about;
    if (decision.mode === "absent") return { at: "absent", path, decision };
    if (decision.rule?.origin === "made" && this.#made.has(path))
      return place({ side: "made", path, decision }, { isNative: false, isFolderOfPod: false });
    return place({ side: "pod", path: whole, decision }, about);
  }

  /** Whether the kernel would have to go up from a folder of the other side: then `..` is taken by its text. */
  #changesSides(whole: string, { base, mode }: { base: number; mode: FileDecision["mode"] }): boolean {
    const isLocal = mode === "local";
    for (const { index } of whole.matchAll(/\/\.\.(?=\/|$)/g)) {
      if (index < base) continue;
      if ((this.#rules.decide(normalPath(whole.slice(0, index) || "/")).mode === "local") !== isLocal)
        return true;
    }
    return false;
  }
}

function linkOfFolder(tid: number, folder: number): string {
  return folder === AT_FDCWD ? `/proc/${tid}/cwd` : `/proc/${tid}/fd/${folder}`;
}

function place(
  about: { side: Place["side"]; path: string; decision: FileDecision },
  rest: { isNative: boolean; isFolderOfPod: boolean },
): Found {
  const { side, path, decision } = about;
  const { mode, rule } = decision;
  return {
    at: "place",
    place: { side, path, mode, because: rule?.written ?? `--fs ${mode}` },
    isNative: rest.isNative,
    isFolderOfPod: rest.isFolderOfPod,
  };
}
