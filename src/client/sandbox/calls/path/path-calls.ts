import { mountOf, readLink } from "../../../../kernel/index.ts";
import type { FileRuleList } from "../../../files/index.ts";
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
import { PathNotices } from "./path-notices.ts";
import type { PairRequest, PathRequest } from "./path-request.ts";
import { pathTable } from "./path-table.ts";
import { PlaceRoots } from "./place-roots.ts";
import { PoolSlots } from "./pool-slots.ts";
import { answerPath, readLink as giveLink, settled } from "./slow-path-calls.ts";

/** What calls that name paths are answered with. */
export interface PathCallOptions {
  readonly rules: FileRuleList;
  /** The root of the pod's files, which stays its owner's; null when there are none to be had: then what leads there fails with EIO. */
  readonly rootDescriptor: number | null;
  /** Its contents may change; its paths must be there when the module is made. */
  readonly made: MadeFiles;
  readonly traces: boolean;
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
  const notices = new PathNotices(options.onNotice);
  const slots = PoolSlots.ofPool(process.env);
  const config: PathConfig = { rules, made: made.paths, root: rootOf(rootDescriptor), traces };
  const parts = (call: HeldCall, caller: SlowCaller) => {
    return { call, caller, notices, roots: new PlaceRoots({ pod: rootDescriptor, made, tid: call.tid }) };
  };
  return {
    url: new URL("./fast-path-calls.ts", import.meta.url),
    config,
    syscalls: [...namesOf(pathTable), ...OTHERS],
    slow: {
      path: (call: HeldCall, request: PathRequest, caller: SlowCaller) =>
        slots.run(() => settled(() => answerPath(request, parts(call, caller)), [request.place])),
      pair: (call: HeldCall, request: PairRequest, caller: SlowCaller) =>
        slots.run(() =>
          settled(() => changePair(request, parts(call, caller).roots), [request.from, request.to]),
        ),
      "link-of-thing": async (_call: HeldCall, about: LinkOfThing, caller: SlowCaller) =>
        giveLink(Buffer.from(about.path, "latin1"), { ...about, caller }),
    },
    onTold: (kind, about) => tellOf(kind, { about: String(about), notices }),
  };
}

interface LinkOfThing {
  readonly path: string;
  readonly into: bigint;
  readonly bytes: number;
}

function tellOf(kind: string, { about, notices }: { about: string; notices: PathNotices }): void {
  if (kind === "chroot")
    notices.tell(
      kind,
      `process ${about} wanted another root (chroot): that is refused, since paths would not be what rules say`,
    );
  else
    notices.tell(
      `${kind} ${about}`,
      `process ${about} may not be looked into (it has other rights than yours, or has asked for that): its calls that name paths fail`,
    );
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
