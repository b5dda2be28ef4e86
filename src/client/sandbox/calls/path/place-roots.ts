import { closeSync, constants, openSync } from "node:fs";
import { constants as systemConstants } from "node:os";
import {
  closeDescriptor,
  KernelError,
  processOfThread,
  readLink,
  treeCalls,
} from "../../../../kernel/index.ts";
import { normalPath, shownPath } from "../../../files/index.ts";
import type { Notices } from "../notices.ts";
import { hasOurRights } from "./caller-rights.ts";
import type { MadeFiles } from "./made-files.ts";
import type { Place } from "./path-request.ts";

/** What is found at a place, open to be asked about (O_PATH). */
export type UseFound<Result> = (found: number) => Promise<Result>;

/**
 * Leads from places to the things that are there: beneath the pod's root, beneath the root of the calling process, or among
 * what is made. Whatever is opened on the way is closed again.
 */
export class PlaceRoots {
  readonly #pod: number | null;
  readonly #made: MadeFiles;
  readonly #tid: number;
  readonly #notices: Notices;

  constructor(parts: { pod: number | null; made: MadeFiles; tid: number; notices: Notices }) {
    this.#pod = parts.pod;
    this.#made = parts.made;
    this.#tid = parts.tid;
    this.#notices = parts.notices;
  }

  /** @throws KernelError as all here: the kernel's word on the path */
  async found<Result>(
    place: Place,
    options: { follow: boolean; resolve?: number },
    use: UseFound<Result>,
  ): Promise<Result> {
    if (place.side === "made") return await use(this.#madeDescriptor(place));
    return await this.beneath(place, async (root, path) => {
      const found = await treeCalls.findBeneath(root, path, options);
      try {
        this.#refuseOurs(place, found);
        return await use(found);
      } finally {
        closeDescriptor(found);
      }
    });
  }

  /** The folder that a name is in, whether or not anything has that name, and the name with the slashes behind it. */
  async named<Result>(place: Place, use: (name: treeCalls.NameInFolder) => Promise<Result>): Promise<Result> {
    const { parent, name } = splitPath(place.path);
    return await this.beneath({ ...place, path: parent }, async (root, path) => {
      const folder = await treeCalls.findBeneath(root, path, { follow: true, folder: true });
      try {
        return await use({ folder, name });
      } finally {
        closeDescriptor(folder);
      }
    });
  }

  /** The root to open a path in. Of what is made it is the pod's. */
  async beneath<Result>(
    { side, path }: Pick<Place, "side" | "path">,
    use: (root: number, path: string) => Promise<Result>,
  ): Promise<Result> {
    if (side !== "here") {
      if (this.#pod === null) throw new KernelError("openat2", systemConstants.errno.EIO);
      return await use(this.#pod, path);
    }
    // By the kernel itself it could not be found, and ours are not the caller's rights.
    if (!hasOurRights(this.#tid)) {
      const shown = shownPath(normalPath(path));
      this.#notices.tell(
        "rights",
        `not opened: ${shown} is named by way of the pod, and by a process that has given up rights: name it by its whole path`,
      );
      throw new KernelError("openat2", systemConstants.errno.EACCES);
    }
    const root = openSync(`/proc/${this.#tid}/root`, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      return await use(root, this.#asCallers(path));
    } finally {
      closeSync(root);
    }
  }

  #madeDescriptor({ path }: Place): number {
    const descriptor = this.#made.get(path);
    if (descriptor === undefined) throw new KernelError("openat2", systemConstants.errno.ENOENT);
    return descriptor;
  }

  /** `self` of /proc is who asks: here that would be us. */
  #asCallers(path: string): string {
    const process = processOfThread(this.#tid) ?? this.#tid;
    return path
      .replace(/^\/proc\/thread-self(?=\/|$)/, `/proc/${process}/task/${this.#tid}`)
      .replace(/^\/proc\/self(?=\/|$)/, `/proc/${process}`);
  }

  /** A link such as /etc/mtab has led to what /proc says of us, which is not what was asked for. */
  #refuseOurs({ side }: Place, found: number): void {
    const link = side === "here" ? readLink(`/proc/self/fd/${found}`)?.toString("latin1") : undefined;
    if (link === `/proc/${process.pid}` || link?.startsWith(`/proc/${process.pid}/`) === true)
      throw new KernelError("openat2", systemConstants.errno.EACCES);
  }
}

/** A path as its folder and its last name; the root is `.` in itself, so that no name ever begins at our own root. */
export function splitPath(path: string): { parent: string; name: string } {
  let end = path.length;
  while (path[end - 1] === "/") end--;
  if (end === 0) return { parent: "/", name: "." };
  const slash = path.lastIndexOf("/", end - 1);
  return { parent: path.slice(0, slash) || "/", name: path.slice(slash + 1) };
}
