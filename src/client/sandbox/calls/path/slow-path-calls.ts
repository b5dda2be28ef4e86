import { KernelError, treeCalls } from "../../../../kernel/index.ts";
import { normalPath, shownPath } from "../../../files/index.ts";
import type { HeldCall, SlowCaller, SlowVerdict, Verdict } from "../../supervisor/index.ts";
import { asksForChange, mayChange } from "./asked-effects.ts";
import { change } from "./change-file.ts";
import { enterFolder } from "./enter-folder.ts";
import { noteOf } from "./note-of-place.ts";
import { openFlags } from "./open-flags.ts";
import { handOver, openFile } from "./open-file.ts";
import type { Notices } from "../notices.ts";
import type { Asked, PathRequest, Place } from "./path-request.ts";
import type { PlaceRoots } from "./place-roots.ts";
import { refusal } from "./refusal.ts";

/** What a held call is answered with. */
export interface Answering {
  readonly call: HeldCall;
  readonly caller: SlowCaller;
  readonly roots: PlaceRoots;
  readonly notices: Notices;
}

const W_OK = 2;

/** Answers a call about one path. @throws KernelError: what the call fails with */
export async function answerPath(request: PathRequest, answering: Answering): Promise<SlowVerdict> {
  const { place } = request;
  const { caller, roots, call, notices } = answering;
  switch (request.what) {
    case "open": {
      const opened = await openFile(request, { tid: call.tid, roots, notices });
      handOver(caller, opened);
      return { as: "answered", outcome: "a descriptor" };
    }
    case "enter":
      return await enter(place, answering);
    case "execute":
      return await refuseToExecute(place, answering);
    case "refuse":
      return await refuse(request, answering);
    default:
      if (mayChange(request)) return await change(request, { tid: call.tid, roots });
      return await look(request, answering);
  }
}

/** Answers what only asks. */
async function look(request: PathRequest, { caller, roots }: Answering): Promise<Verdict> {
  const { place } = request;
  const follow = "follow" in request ? request.follow : request.what !== "read-link";
  return await roots.found(place, { follow }, async (found) => {
    switch (request.what) {
      case "status":
        return given(caller, request.into, await treeCalls.statusOf(found));
      case "extended-status": {
        const { flags, mask, into } = request;
        return given(caller, into, await treeCalls.extendedStatusOf(found, { flags, mask }));
      }
      case "file-system":
        return given(caller, request.into, await treeCalls.fileSystemOf(found));
      case "read-link":
        return readLink(await treeCalls.readLinkOf(found), { ...request, caller });
      case "access": {
        const { mode, flags } = request;
        const isReadOnly = place.side !== "here" && place.mode !== "read-write";
        const writes = asksForChange(request) && isReadOnly;
        await treeCalls.checkAccess(found, { mode: writes ? mode & ~W_OK : mode, flags });
        if (writes) throw refusal("EROFS");
        return { as: "value", value: 0 };
      }
      default:
        throw new RangeError(request.what);
    }
  });
}

function given(caller: SlowCaller, into: bigint, bytes: Uint8Array): Verdict {
  return caller.write(into, bytes) ? { as: "value", value: 0 } : { as: "errno", errno: "EFAULT" };
}

/** readlink(2): what does not fit is cut, and no NUL ends it. */
export function readLink(
  target: Uint8Array,
  { caller, into, bytes }: { caller: SlowCaller; into: bigint; bytes: number },
): Verdict {
  if (bytes <= 0) return { as: "errno", errno: "EINVAL" };
  const part = target.subarray(0, bytes);
  return caller.write(into, part) ? { as: "value", value: part.length } : { as: "errno", errno: "EFAULT" };
}

async function enter(place: Place, { call, caller, roots, notices }: Answering): Promise<SlowVerdict> {
  if (place.side === "made") throw refusal("ENOTDIR");
  const descriptor = await roots.beneath(place, (root, path) =>
    treeCalls.openBeneath(root, path, { flags: openFlags.directory }),
  );
  try {
    return await enterFolder(descriptor, { tid: call.tid, path: shownPath(place.path), caller, notices });
  } finally {
    void treeCalls.closeInTime(descriptor);
  }
}

/** A program of the pod would run here with this machine's libraries, or none. */
async function refuseToExecute(place: Place, { roots, notices }: Answering): Promise<Verdict> {
  await roots.found(place, { follow: true }, async () => undefined);
  const path = shownPath(normalPath(place.path));
  const why =
    place.side === "here"
      ? `${path} is named from a folder of the pod, in which the program runs: name it by its whole path`
      : `${path} is the pod's (${place.because}), and programs of the pod are not run here: --file 'local:${path}' runs yours`;
  notices.tell(`execute ${path}`, `not run: ${why}`);
  return { as: "errno", errno: "EACCES" };
}

async function refuse(
  request: Extract<Asked, { what: "refuse" }> & { place: Place },
  { roots, notices }: Answering,
): Promise<Verdict> {
  const { place, call, errno, changes, isQuiet } = request;
  if (changes && place.side !== "here" && place.mode !== "read-write") throw refusal("EROFS");
  if (!isQuiet) {
    const whose = place.side === "here" ? "reached from a folder of the pod" : "the pod's";
    notices.tell(
      `refuse ${call}`,
      `${call} is not done: ${shownPath(place.path)} is ${whose} (${place.because}), and it can be done for this machine's files only`,
    );
  } else if (!changes) await roots.found(place, { follow: false }, async () => undefined);
  return { as: "errno", errno };
}

/** The verdict of whatever came of it, with what it was about. */
export async function settled(
  work: () => Promise<SlowVerdict>,
  places: readonly Place[],
): Promise<SlowVerdict> {
  const note = places.map(noteOf).join("; ");
  try {
    return { ...(await work()), note };
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return { as: "errno", errno: error.code, note };
  }
}
