import { KernelError, treeCalls } from "../../../../kernel/index.ts";
import { shownPath } from "../../../files/index.ts";
import type { SlowCaller, Verdict } from "../../supervisor/index.ts";
import { creates, mayWrite, openFlags } from "./open-flags.ts";
import type { Asked, Place } from "./path-request.ts";
import type { Notices } from "../notices.ts";
import type { PlaceRoots } from "./place-roots.ts";
import { modeFor } from "./read-umask.ts";
import { refusal } from "./refusal.ts";

type Opening = Extract<Asked, { what: "open" }>;

const {
  create,
  exclusive,
  truncate,
  nonBlocking,
  directory,
  noFollow,
  closeOnExec,
  path: pathOnly,
} = openFlags;

/**
 * Opens what stands at a place in place of the caller; gives a descriptor of ours, for the caller to have a copy of.
 * @throws KernelError
 */
export async function openFile(
  { place, ...asked }: Opening & { place: Place },
  about: { tid: number; roots: PlaceRoots; notices: Notices },
): Promise<{ descriptor: number; closeOnExec: boolean }> {
  const flags = asked.flags & ~closeOnExec;
  const rest = { closeOnExec: (asked.flags & closeOnExec) !== 0 };
  if (place.side === "made") return { descriptor: await openMade(flags, { place, about }), ...rest };
  if ((flags & pathOnly) !== 0)
    return { descriptor: await openPathOnly({ place, ...asked }, about), ...rest };
  const isWhole = place.side === "here" || place.mode === "read-write";
  if (!isWhole && (mayWrite(flags) || creates(flags)))
    return { descriptor: await openReadOnly({ place, ...asked, flags }, about), ...rest };
  return { descriptor: await openKnown({ place, ...asked, flags }, about), ...rest };
}

/** Where nothing may be changed: fails as a file system does that is mounted read-only. */
async function openReadOnly(
  opening: Opening & { place: Place },
  about: { tid: number; roots: PlaceRoots; notices: Notices },
): Promise<number> {
  const { place, flags, resolve } = opening;
  if ((flags & openFlags.temporary) !== 0) throw refusal("EROFS");
  const isCreating = (flags & create) !== 0;
  // Linux 6.4: the kernel knows no such thing.
  if (isCreating && (flags & directory) !== 0) throw refusal("EINVAL");
  if (isCreating && /[^/]\/+$/.test(place.path) && !/\/\.{1,2}\/+$/.test(place.path))
    return await about.roots.named(place, () => Promise.reject(refusal("EISDIR")));
  const isExclusive = isCreating && (flags & exclusive) !== 0;
  const follow = !isExclusive && (flags & noFollow) === 0;
  try {
    return await about.roots.found(place, { follow, resolve }, async (found) => {
      if (isExclusive) throw refusal("EEXIST");
      const kind = treeCalls.kindOf(await treeCalls.statusOf(found));
      if (kind === "link") throw refusal((flags & directory) === 0 ? "ELOOP" : "ENOTDIR");
      if (kind === "folder" && (mayWrite(flags) || isCreating)) throw refusal("EISDIR");
      if (kind !== "folder" && (flags & directory) !== 0) throw refusal("ENOTDIR");
      if (mayWrite(flags)) throw refusal("EROFS");
      return await openKnown({ ...opening, flags: flags & ~create, mode: 0 }, about);
    });
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== "ENOENT" || !isCreating) throw error;
    // Nothing is there, which would be made if its folder is.
    await about.roots.named(place, async () => undefined);
    throw refusal("EROFS");
  }
}

/** A pipe or a device would be this machine's: the pod's own kernel alone has what is behind the name. */
async function openKnown(
  opening: Opening & { place: Place },
  { tid, roots, notices }: { tid: number; roots: PlaceRoots; notices: Notices },
): Promise<number> {
  const { place, resolve } = opening;
  if (place.side === "here") return await openOrMake(opening, { tid, roots });
  // Opening a pipe would wait for its other end.
  const flags = opening.flags | nonBlocking;
  const descriptor = await openOrMake({ ...opening, flags, resolve }, { tid, roots });
  try {
    const kind = treeCalls.kindOf(await treeCalls.statusOf(descriptor));
    if (kind === "pipe" || kind === "device") {
      notices.tell(
        `open ${kind}`,
        `${shownPath(place.path)} is a ${kind} of the pod: it cannot be opened here`,
      );
      throw refusal("EOPNOTSUPP");
    }
    if ((opening.flags & nonBlocking) === 0)
      await treeCalls.setStatusFlags(
        descriptor,
        opening.flags & ~(create | exclusive | truncate | directory),
      );
    return descriptor;
  } catch (error) {
    await treeCalls.closeInTime(descriptor);
    throw error;
  }
}

async function openOrMake(
  opening: Opening & { place: Place },
  { tid, roots }: { tid: number; roots: PlaceRoots },
): Promise<number> {
  const { place, flags, resolve } = opening;
  return await roots.beneath(place, async (root, path) => {
    if (!creates(flags)) return await treeCalls.openBeneath(root, path, { flags, resolve });
    const { asked, afterwards } = modeFor(tid, opening.mode);
    const open = (flags: number) => treeCalls.openBeneath(root, path, { flags, mode: asked, resolve });
    if (afterwards === undefined) return await open(flags);
    const made = await openNew(() => open(flags | exclusive), { flags });
    if (made === undefined) return await open(flags);
    await treeCalls.changeMode(made, afterwards);
    return made;
  });
}

/** Opens what is not there yet, so that its mode may be set; undefined when something is. */
async function openNew(
  open: () => Promise<number>,
  { flags }: { flags: number },
): Promise<number | undefined> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof KernelError && error.code === "EEXIST" && (flags & exclusive) === 0)
      return undefined;
    throw error;
  }
}

/**
 * A descriptor that only names a file cannot be handed over (seccomp_unotify(2)). One that can be read does for folders and
 * regular files.
 */
async function openPathOnly(
  { place, flags, resolve }: Opening & { place: Place },
  { roots, notices }: { roots: PlaceRoots; notices: Notices },
): Promise<number> {
  const follow = (flags & noFollow) === 0;
  return await roots.found(place, { follow, resolve }, async (found) => {
    const kind = treeCalls.kindOf(await treeCalls.statusOf(found));
    if (kind === "folder") return await treeCalls.openAgain(found, directory);
    if ((flags & directory) !== 0) throw refusal("ENOTDIR");
    if (kind === "file") return await treeCalls.openAgain(found, 0);
    notices.tell(
      "O_PATH",
      `${shownPath(place.path)} is neither a file nor a folder: it cannot be opened with O_PATH here`,
    );
    throw refusal("EOPNOTSUPP");
  });
}

async function openMade(
  flags: number,
  { place, about }: { place: Place; about: { roots: PlaceRoots } },
): Promise<number> {
  if ((flags & (create | exclusive)) === (create | exclusive)) throw refusal("EEXIST");
  if (mayWrite(flags)) throw refusal("EROFS");
  if ((flags & directory) !== 0) throw refusal("ENOTDIR");
  return await about.roots.found(place, { follow: true }, (found) => treeCalls.openAgain(found, 0));
}

/** Hands a descriptor over and closes ours, which may take time: the file system hears of it. */
export function handOver(caller: SlowCaller, opened: { descriptor: number; closeOnExec: boolean }): boolean {
  const verdict: Verdict = { as: "descriptor", closes: false, ...opened };
  try {
    return caller.answer(verdict);
  } finally {
    void treeCalls.closeInTime(opened.descriptor);
  }
}
