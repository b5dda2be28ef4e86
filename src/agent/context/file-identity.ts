import type { FileIdentity } from "../../kernel/index.ts";

/** Whose rights count for files, of /proc/<pid>/status: of four ids that one comes last (proc_pid_status(5)). */
export function fileIdentityIn(status: string): FileIdentity {
  const numbers = (field: string): number[] =>
    (new RegExp(`^${field}:(.*)$`, "m").exec(status)?.[1] ?? "").split(/\s+/).filter(Boolean).map(Number);
  const [user, group] = [numbers("Uid")[3], numbers("Gid")[3]];
  if (user === undefined || group === undefined) throw new Error("no ids in the status of a process");
  return { user, group, groups: numbers("Groups") };
}
