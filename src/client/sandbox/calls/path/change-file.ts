import { KernelError, treeCalls } from "../../../../kernel/index.ts";
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

/** What a file system says that is mounted read-only: first whether anything is there at all. */
async function refusalOfChange(request: PathRequest, roots: PlaceRoots): Promise<KernelError> {
  const { place } = request;
  if (request.what === "make-folder" || request.what === "make-link")
    return await refusalToMake(place, roots);
  await roots.found(place, { follow: followsLast(request) }, async () => undefined);
  return refusal("EROFS");
}

async function refusalToMake(place: Place, roots: PlaceRoots): Promise<KernelError> {
  try {
    await roots.found(place, { follow: false }, async () => undefined);
    return refusal("EEXIST");
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== "ENOENT") throw error;
    await roots.named(place, async () => undefined);
    return refusal("EROFS");
  }
}

/** Does what is about two paths, both of the pod or both of this machine. @throws KernelError */
export async function changePair({ from, to, asked }: PairRequest, roots: PlaceRoots): Promise<Verdict> {
  if (asked.what === "rename") {
    if (!mayBeChanged(from) || !mayBeChanged(to)) {
      await roots.found(from, { follow: false }, async () => undefined);
      throw refusal("EROFS");
    }
    await roots.named(from, (old) => roots.named(to, (fresh) => treeCalls.rename(old, fresh, asked.flags)));
    return DONE;
  }
  return await roots.found(from, { follow: asked.follow }, async (found) => {
    if (!mayBeChanged(to)) throw await refusalToMake(to, roots);
    // As between two file systems, of which one may be changed.
    if (!mayBeChanged(from)) throw refusal("EXDEV");
    await roots.named(to, (name) => treeCalls.makeName(found, name));
    return DONE;
  });
}
