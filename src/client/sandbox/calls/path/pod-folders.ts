import { mountOf, readLink } from "../../../../kernel/index.ts";
import type { PodRoot } from "./path-config.ts";

/** Where a descriptor or a working directory is. */
export interface Standing {
  /** Absolute, in bytes as latin-1; of the pod's as the pod names it. */
  readonly path: string;
  readonly isPods: boolean;
}

/**
 * Tells whether what a process has open is beneath the pod's root. What /proc says of it looks the same for a file of the
 * pod and one of this machine where the root is attached nowhere: the mount tells them apart.
 */
export class PodFolders {
  readonly #root: PodRoot | null;
  /** Nothing can be the pod's before a descriptor beneath its root was given to somebody. */
  #isGiven = false;

  constructor(root: PodRoot | null) {
    this.#root = root;
  }

  given(): void {
    this.#isGiven = true;
  }

  /** Whether anything of the pod may be open somewhere. */
  get mayBePods(): boolean {
    return this.#isGiven;
  }

  /** @param link a link of /proc. Null when there is nothing, or what has no path, such as a socket. */
  standingAt(link: string): Standing | null {
    const told = readLink(link)?.toString("latin1");
    if (told === undefined || !told.startsWith("/")) return null;
    const path = this.#isGiven ? this.#pathInPod(link, told) : undefined;
    return path === undefined ? { path: told, isPods: false } : { path, isPods: true };
  }

  #pathInPod(link: string, told: string): string | undefined {
    const root = this.#root;
    if (root === null || mountOf(link) !== root.mount) return undefined;
    if (told === root.prefix) return "/";
    return told.startsWith(`${root.prefix}/`) ? told.slice(root.prefix.length) : undefined;
  }
}
