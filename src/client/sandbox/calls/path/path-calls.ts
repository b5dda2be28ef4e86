import { mountOf, readLink } from "../../../../kernel/index.ts";
import { type FileRuleList, normalPath } from "../../../files/index.ts";
import { threadPoolSize } from "../../../process/index.ts";
import {
  syscallTable,
  type CallModule,
  type HeldCall,
  type SlowCaller,
  type SyscallName,
} from "../../supervisor/index.ts";
import { changePair } from "./change-file.ts";
import type { MadeFiles } from "./made-files.ts";
import type { PathConfig, PodRoot } from "./path-config.ts";
import { pathHandlers } from "./path-handlers-url.ts";
import { Notices } from "../notices.ts";
import type { PairRequest, PathRequest, Place } from "./path-request.ts";
import { pathTable } from "./path-table.ts";
import { PlaceRoots } from "./place-roots.ts";
import { PoolSlots } from "./pool-slots.ts";
import { RecentFolders } from "./recent-folders.ts";
import { answerPath, readLink as giveLink, settled } from "./slow-path-calls.ts";

/** What calls that name paths are answered with. */
export interface PathCallOptions {
  readonly rules: FileRuleList;
  /** The root of the pod's files, which stays its owner's; null when there are none to be had: then what leads there fails with EIO. */
  readonly rootDescriptor: number | null;
  /** Its contents may change; its paths must be there when the module is made. */
  readonly made: MadeFiles;
  readonly traces: boolean;
  /** Told of a path of the pod before it is asked for: absolute, in bytes as latin-1, without `.` and `..`. */
  readonly expect?: ((path: string) => void) | undefined;
  /** Looks whether a content of `made` has changed, before it is used. Never rejects. */
  readonly remake?: ((path: string) => Promise<void>) | undefined;
  /** Something that people should know, once. */
  readonly onNotice: (message: string) => void;
}

/** Calls beside those of the table. */
const OTHERS = [
  ...(["getcwd", "chroot", "io_uring_setup", "fchmod", "fchown", "fsetxattr", "fremovexattr"] as const),
];

/**
 * Makes the module that answers all calls which name a path: by the rules, of the pod's files beneath a root that is open
 * here, or of this machine's.
 */
export function pathCalls(options: PathCallOptions): CallModule {
  const { rules, rootDescriptor, made, traces } = options;
  const notices = new Notices(options.onNotice);
  const slots = PoolSlots.ofPool(threadPoolSize());
  const config: PathConfig = { rules, made: made.paths, root: rootOf(rootDescriptor), traces };
  const parts = (call: HeldCall, caller: SlowCaller) => {
    return {
      call,
      caller,
      notices,
      roots: new PlaceRoots({ pod: rootDescriptor, made, tid: call.tid, notices }),
    };
  };
  const folders = new RecentFolders();
  const expectPlace = ({ side, path }: Place): void => {
    if (side !== "pod" || options.expect === undefined) return;
    const plain = normalPath(path);
    if (folders.isNew(plain)) options.expect(plain);
  };
  return {
    url: pathHandlers,
    config,
    syscalls: [...namesOf(pathTable), ...OTHERS],
    slow: {
      path: async (call: HeldCall, request: PathRequest, caller: SlowCaller) => {
        expectPlace(request.place);
        if (request.place.side === "made") await options.remake?.(request.place.path);
        return await slots.run(() =>
          settled(() => answerPath(request, parts(call, caller)), [request.place]),
        );
      },
      pair: (call: HeldCall, request: PairRequest, caller: SlowCaller) =>
        slots.run(() =>
          settled(() => changePair(request, parts(call, caller).roots), [request.from, request.to]),
        ),
      "link-of-thing": async (_call: HeldCall, about: LinkOfThing, caller: SlowCaller) =>
        giveLink(Buffer.from(about.path, "latin1"), { ...about, caller }),
    },
    onTold: () =>
      notices.tell(
        "chroot",
        "the program wanted another root (chroot), which is refused: paths would not be what rules say",
      ),
  };
}

interface LinkOfThing {
  readonly path: string;
  readonly into: bigint;
  readonly bytes: number;
}

function rootOf(descriptor: number | null): PodRoot | null {
  if (descriptor === null) return null;
  const link = `/proc/self/fd/${descriptor}`;
  const mount = mountOf(link);
  const told = readLink(link)?.toString("latin1");
  if (mount === null || told === undefined) throw new RangeError(`descriptor ${descriptor} is no folder`);
  return { mount, prefix: told === "/" ? "" : told };
}

function namesOf(table: typeof pathTable): SyscallName[] {
  // Its keys are all names, which `satisfies` has checked where it is written.
  return (Object.keys(table) as SyscallName[]).filter((name) => Object.hasOwn(syscallTable, name));
}
