import { closeDescriptor, KernelError, treeCalls } from "../../../../kernel/index.ts";
import type { Verdict } from "../../supervisor/index.ts";
import { followsLast } from "./asked-effects.ts";
import type { PairRequest, PathRequest, Place } from "./path-request.ts";
import type { PlaceRoots } from "./place-roots.ts";
import { modeFor } from "./read-umask.ts";
import { refusal } from "./refusal.ts";

const DONE: Verdict = { as: "value", value: 0 };

/** Does what changes one path. @throws KernelError */
export async function change(
  request: PathRequest,
  { tid, roots }: { tid: number; roots: PlaceRoots },
): Promise<Verdict> {
  const { place } = request;
  if (!mayBeChanged(place)) throw await refusalOfChange(request, roots);
  switch (request.what) {
    case "change-length":
    case "change-mode":
    case "change-owner":
    case "change-times":
      await roots.found(place, { follow: followsLast(request) }, (found) => changeFound(found, request));
      return DONE;
    case "make-folder": {
      const { asked, afterwards } = modeFor(tid, request.mode);
      await roots.named(place, ({ folder, name }) => treeCalls.makeFolder(folder, name, asked));
      if (afterwards !== undefined)
        await roots.found(place, { follow: false }, (found) => treeCalls.changeMode(found, afterwards));
      return DONE;
    }
    case "make-link":
      await roots.named(place, (name) => treeCalls.makeLink(request.target, name));
      return DONE;
    case "remove":
      // In the folder that it is the root of, its name would be another.
      if (lastName(place, "") === "root") throw refusalToRemove(place, { name: "", flags: request.flags });
      await roots.named(place, ({ folder, name }) => treeCalls.removeName(folder, name, request.flags));
      return DONE;
    default:
      throw new RangeError(request.what);
  }
}

async function changeFound(found: number, request: PathRequest): Promise<void> {
  switch (request.what) {
    case "change-length":
      return await treeCalls.changeLength(found, request.bytes);
    case "change-mode":
      return await treeCalls.changeMode(found, request.mode);
    case "change-owner":
      return await treeCalls.changeOwner(found, request);
    case "change-times":
      return await treeCalls.changeTimes(found, request.times);
    default:
      throw new RangeError(request.what);
  }
}

function mayBeChanged({ side, mode }: Place): boolean {
  return side === "here" || (side === "pod" && mode === "read-write");
}

/**
 * What the kernel says of a file system that is mounted read-only, in its order: a name that is to be taken away is not even
 * looked up, and what there is to be changed must be there.
 */
async function refusalOfChange(request: PathRequest, roots: PlaceRoots): Promise<KernelError> {
  const { place } = request;
  switch (request.what) {
    case "make-folder":
    case "make-link":
      return await refusalToMake(place, { roots, isFolder: request.what === "make-folder" });
    case "remove":
      return await roots.named(place, async ({ name }) =>
        refusalToRemove(place, { name, flags: request.flags }),
      );
    default:
      return await roots.found(place, { follow: followsLast(request) }, async (found) => {
        const kind = treeCalls.kindOf(await treeCalls.statusOf(found));
        if (request.what !== "change-length" || kind === "file") return refusal("EROFS");
        return refusal(kind === "folder" ? "EISDIR" : "EINVAL");
      });
  }
}

function refusalToRemove(place: Place, { name, flags }: { name: string; flags: number }): KernelError {
  const last = lastName(place, name);
  if (last === "name") return refusal("EROFS");
  if (flags === 0) return refusal("EISDIR");
  return refusal(({ root: "EBUSY", ".": "EINVAL", "..": "ENOTEMPTY" } as const)[last]);
}

/** What stands at the end of a path, as the kernel tells it apart. */
function lastName(place: Place, name: string): "name" | "." | ".." | "root" {
  if (/^\/+$/.test(place.path)) return "root";
  const bare = name.replace(/\/+$/, "");
  return bare === "." || bare === ".." ? bare : "name";
}

/** `isFolder`: the new thing may have a slash behind its name. */
async function refusalToMake(
  place: Place,
  { roots, isFolder }: { roots: PlaceRoots; isFolder: boolean },
): Promise<KernelError> {
  return await roots.named(place, async ({ folder, name }) => {
    if (lastName(place, name) !== "name") return refusal("EEXIST");
    const bare = name.replace(/\/+$/, "");
    try {
      closeDescriptor(await treeCalls.findBeneath(folder, bare, { follow: false }));
      return refusal("EEXIST");
    } catch (error) {
      if (!(error instanceof KernelError) || error.code !== "ENOENT") throw error;
      return refusal(bare !== name && !isFolder ? "ENOENT" : "EROFS");
    }
  });
}

/** Does what is about two paths, both of the pod or both of this machine. @throws KernelError */
export async function changePair({ from, to, asked }: PairRequest, roots: PlaceRoots): Promise<Verdict> {
  if (asked.what === "rename") {
    return await roots.named(from, (old) =>
      roots.named(to, async (fresh) => {
        const isNamed = lastName(from, old.name) === "name" && lastName(to, fresh.name) === "name";
        if (!isNamed) throw refusal("EBUSY");
        if (!mayBeChanged(from) || !mayBeChanged(to)) throw refusal("EROFS");
        await treeCalls.rename(old, fresh, asked.flags);
        return DONE;
      }),
    );
  }
  return await roots.found(from, { follow: asked.follow }, async (found) => {
    if (!mayBeChanged(to)) throw await refusalToMake(to, { roots, isFolder: false });
    // As between two file systems, of which one may be changed.
    if (!mayBeChanged(from)) throw refusal("EXDEV");
    await roots.named(to, (name) => treeCalls.makeName(found, name));
    return DONE;
  });
}
