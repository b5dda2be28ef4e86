import { shownPath } from "../../../files/index.ts";
import type {
  Caller,
  FastHandler,
  HeldCall,
  MakeFastHandlers,
  SyscallName,
  Verdict,
} from "../../supervisor/index.ts";
import type { Later } from "../../supervisor/index.ts";
import { asksForChange, followsLast, mayChange } from "./asked-effects.ts";
import { CallerArguments } from "./caller-arguments.ts";
import { type Found, PlaceFinder } from "./find-place.ts";
import type { PathConfig } from "./path-config.ts";
import { interpreterOf } from "./interpreter-of.ts";
import { noteOf } from "./note-of-place.ts";
import type { Asked, AskedOfPair, PairRequest, PathRequest, Place } from "./path-request.ts";
import { type PathArgument, type PathCall, pathTable } from "./path-table.ts";
import { PodFolders } from "./pod-folders.ts";

const AT_FDCWD = -100;
/** Calls that must be looked at also when they name what is open already, not a path. */
const concernThings: ReadonlySet<SyscallName> = new Set([
  ...(["execveat", "linkat", "fchmodat2", "fchownat", "utimensat", "setxattrat", "removexattrat"] as const),
  ...([
    "file_setattr",
    "fanotify_mark",
    "open_tree",
    "open_tree_attr",
    "mount_setattr",
    "move_mount",
  ] as const),
]);
const executes: ReadonlySet<SyscallName> = new Set(["execve", "execveat"] as const);
/** openat2(2): such a path never leaves the folder that it begins in. */
const RESOLVE_BENEATH = 0x08;
const RESOLVE_IN_ROOT = 0x10;

/**
 * The fast side of calls that name paths: what is this machine's is left to the kernel at once, what is not there by a rule
 * fails at once, and the rest goes to the main thread.
 */
const makeFastHandlers: MakeFastHandlers<PathConfig> = ({ config, tell }) => {
  const folders = new PodFolders(config.root);
  const finder = new PlaceFinder(config, folders);
  const goOn: Verdict = { as: "continue" };
  const failed = (errno: string): Verdict => ({ as: "errno", errno });
  const noted = <One extends Verdict>(verdict: One, note: () => string): One =>
    config.traces ? { ...verdict, note: note() } : verdict;

  /** What only the kernel can say, such as what is wrong with an address, is its own. */
  function find(argument: PathArgument, { call, caller }: HeldBy): Found {
    const read = new CallerArguments(call, caller);
    const folder = argument.folder === null ? AT_FDCWD : read.int(argument.folder);
    const text = read.text(argument.path);
    if (text !== null && text !== "") {
      const beginning = call.name === "openat2" ? beginningAt(text, read) : text;
      // A path that may not leave its folder begins with none.
      return beginning === null ? { at: "kernel" } : finder.find(beginning, { tid: call.tid, folder });
    }
    // Without a name it is about what the descriptor stands for (AT_EMPTY_PATH, or no path in utimensat).
    const isThing = text === "" || read.address(argument.path) === 0n;
    if (!isThing || argument.folder === null || !concernThings.has(call.name)) return { at: "kernel" };
    return finder.thingOf(call.tid, folder);
  }

  function one(shape: Extract<PathCall, { read: unknown }>): FastHandler {
    const [argument] = shape.paths;
    return (call, caller) => {
      const found = find(argument, { call, caller });
      if (found.at === "kernel")
        return (
          (executes.has(call.name) ? ofInterpreter(found, call.tid) : undefined) ??
          noted(goOn, () => noteOfKernel(found))
        );
      if (found.at === "absent") return noted(failed("ENOENT"), () => noteOfAbsent(found));
      const asked = shape.read(new CallerArguments(call, caller));
      if (asked === null) return goOn;
      if (typeof asked === "string") return failed(asked);
      if (found.at === "thing") return ofThing(found, asked);
      const { place } = found;
      if (isLeftToKernel(found, asked)) return noted(goOn, () => `${noteOf(place)}, by its folder`);
      if (asked.what === "open" || asked.what === "enter") folders.given();
      const about: PathRequest = { place, ...asked };
      return { as: "later", kind: "path", about };
    };
  }

  function pair(shape: Extract<PathCall, { readPair: unknown }>): FastHandler {
    return (call, caller) => {
      const [from, to] = shape.paths.map((argument) => find(argument, { call, caller }));
      if (from === undefined || to === undefined) return goOn;
      if (from.at === "kernel" && to.at === "kernel") return noted(goOn, () => noteOfKernel(from));
      if (from.at === "absent") return noted(failed("ENOENT"), () => noteOfAbsent(from));
      if (to.at === "absent") return noted(failed("ENOENT"), () => noteOfAbsent(to));
      const asked = shape.readPair(new CallerArguments(call, caller));
      const [first, second] = [placeOf(from), placeOf(to)];
      // Something of the pod that is open, and has no name here; or the kernel alone knows what one of them is.
      if (first === undefined || second === undefined) return failed("EXDEV");
      if ((first.side === "here") !== (second.side === "here"))
        return noted(failed("EXDEV"), () => `${noteOf(first)}; ${noteOf(second)}`);
      if (isPairLeftToKernel(from, to, asked)) return noted(goOn, () => `${noteOf(first)}, by its folder`);
      const about: PairRequest = { from: first, to: second, asked };
      return { as: "later", kind: "pair", about };
    };
  }

  /** A script of this machine whose interpreter is not: the kernel would run what is here under that name. */
  function ofInterpreter(
    { path }: Extract<Found, { at: "kernel" }>,
    tid: number,
  ): Later | Verdict | undefined {
    const interpreter = path === undefined ? undefined : interpreterOf(path);
    if (interpreter === undefined || !interpreter.startsWith("/")) return undefined;
    const found = finder.find(interpreter, { tid, folder: AT_FDCWD });
    if (found.at === "absent") return noted(failed("ENOENT"), () => noteOfAbsent(found));
    if (found.at !== "place") return undefined;
    const about: PathRequest = { place: found.place, what: "execute" };
    return { as: "later", kind: "path", about };
  }

  /** What is open already the kernel reaches by itself. */
  function ofThing(thing: Extract<Found, { at: "thing" }>, asked: Asked): Verdict | Later {
    const shown = () => `${shownPath(thing.path)}: the pod's, open already`;
    if (asked.what === "read-link" || asked.what === "execute" || asked.what === "refuse") {
      const { path, mode } = thing;
      const place: Place = { side: "pod", path, mode, because: "it is open already" };
      if (asked.what !== "read-link") return { as: "later", kind: "path", about: { place, ...asked } };
      return { as: "later", kind: "link-of-thing", about: { path, into: asked.into, bytes: asked.bytes } };
    }
    if ((mayChange(asked) || asksForChange(asked)) && thing.mode === "read")
      return noted(failed("EROFS"), shown);
    return noted(goOn, shown);
  }

  /** A change of what a descriptor stands for: `argument` 0. */
  const changeOfThing: FastHandler = (call, caller) => {
    const thing = finder.thingOf(call.tid, new CallerArguments(call, caller).int(0));
    if (thing.at !== "thing" || thing.mode === "read-write") return goOn;
    return noted(failed("EROFS"), () => `${shownPath(thing.path)}: the pod's, to read only`);
  };

  const workingDirectory: FastHandler = (call, caller) => {
    if (!folders.mayBePods) return goOn;
    const standing = folders.standingAt(`/proc/${call.tid}/cwd`);
    if (standing === null || !standing.isPods) return goOn;
    const bytes = Buffer.from(`${standing.path}\0`, "latin1");
    const room = BigInt.asUintN(64, call.args[1]);
    if (standing.path.endsWith(" (deleted)")) return failed("ENOENT");
    if (BigInt(bytes.length) > room) return failed("ERANGE");
    return caller.write(call.args[0], bytes)
      ? noted({ as: "value", value: bytes.length }, () => `${shownPath(standing.path)}: the pod's`)
      : failed("EFAULT");
  };

  return {
    ...Object.fromEntries(
      Object.entries<PathCall>(pathTable).map(([name, shape]) => [
        name,
        "read" in shape ? one(shape) : pair(shape),
      ]),
    ),
    getcwd: workingDirectory,
    fchmod: changeOfThing,
    fchown: changeOfThing,
    fsetxattr: changeOfThing,
    fremovexattr: changeOfThing,
    chroot: (call) => {
      tell("chroot", call.tid);
      return failed("EPERM");
    },
    // It would do calls that nobody sees; whoever uses it knows how to do without.
    io_uring_setup: () => failed("ENOSYS"),
  } satisfies Partial<Record<SyscallName, FastHandler>>;
};

export default makeFastHandlers;

interface HeldBy {
  readonly call: HeldCall;
  readonly caller: Caller;
}

/** openat2(2): an absolute path may stand for one that begins in the folder. Null where the kernel refuses it. */
function beginningAt(text: string, read: CallerArguments): string | null {
  if (!text.startsWith("/")) return text;
  const resolve = Number(read.memory(2, HOW_BYTES)?.readBigUInt64LE(16) ?? 0n);
  if ((resolve & RESOLVE_BENEATH) !== 0) return null;
  return (resolve & RESOLVE_IN_ROOT) === 0 ? text : `.${text}`;
}
/** `struct open_how`, whose last number is `resolve`. */
const HOW_BYTES = 24;

/** Whether the kernel, going from a folder of the pod that is open, ends where the rules lead to and may do what is asked. */
function isLeftToKernel(found: Extract<Found, { at: "place" }>, asked: Asked): boolean {
  const { place, isNative, isFolderOfPod } = found;
  if (place.side !== "pod" || asked.what === "execute" || asked.what === "refuse") return false;
  if ((mayChange(asked) || asksForChange(asked)) && place.mode !== "read-write") return false;
  if (asked.what === "open" && (asked.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0)
    return isFolderOfPod;
  return isNative && (place.path.endsWith("/.") || !followsLast(asked));
}

function isPairLeftToKernel(from: Found, to: Found, asked: AskedOfPair): boolean {
  if (asked.what === "make-name" && asked.follow) return false;
  return [from, to].every((one) => {
    return one.at === "place" && one.isNative && one.place.side === "pod" && one.place.mode === "read-write";
  });
}

function placeOf(found: Found): Place | undefined {
  if (found.at === "place") return found.place;
  if (found.at !== "kernel" || found.path === undefined || found.decision === undefined) return undefined;
  const { mode, rule } = found.decision;
  return { side: "here", path: found.path, mode, because: rule?.written ?? `--fs ${mode}` };
}

function noteOfKernel({ path, decision }: Extract<Found, { at: "kernel" }>): string {
  if (path === undefined || decision === undefined) return "";
  return noteOf({ side: "here", path, mode: decision.mode, because: decision.rule?.written ?? "--fs local" });
}

function noteOfAbsent({ path, decision }: Extract<Found, { at: "absent" }>): string {
  return `${shownPath(path)}: absent (${decision.rule?.written ?? ""})`;
}
