import { readFileSync } from "node:fs";

/** Of who a process is (proc_pid_status(5)): what counts when it names a file. */
interface Rights {
  readonly user: string;
  readonly group: string;
  readonly groups: ReadonlySet<string>;
  readonly capabilities: bigint;
}

/**
 * Whether a thread may do all that we may with this machine's files (credentials(7), capabilities(7)). Of one that has given up
 * rights, such as a server's worker, what we open in its place would be what it may not open itself. False when it is gone.
 */
export function hasOurRights(tid: number): boolean {
  const [theirs, ours] = [rightsOf(tid), rightsOf("thread-self")];
  if (theirs === undefined || ours === undefined) return false;
  return (
    theirs.user === ours.user &&
    theirs.group === ours.group &&
    ours.groups.isSubsetOf(theirs.groups) &&
    (ours.capabilities & ~theirs.capabilities) === 0n
  );
}

function rightsOf(process: number | "thread-self"): Rights | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${process}/status`, "latin1");
  } catch {
    return undefined; // gone
  }
  const field = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(status)?.[1] ?? "";
  // Real, effective, saved, and the one that counts for files.
  const [user = "", group = ""] = ["Uid", "Gid"].map((name) => field(name).split(/\s+/)[3]);
  const capabilities = field("CapEff");
  return {
    user,
    group,
    groups: new Set(field("Groups").split(/\s+/).filter(Boolean)),
    capabilities: BigInt(`0x${capabilities === "" ? "0" : capabilities}`),
  };
}
