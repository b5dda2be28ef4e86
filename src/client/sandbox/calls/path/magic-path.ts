/** What a path of /proc or /dev stands for: something that a process has, and perhaps a way on from there. */
export interface MagicPath {
  /** The link of /proc, such as `/proc/7/fd/3`, that names the thing. */
  readonly link: string;
  readonly thing: "descriptor" | "folder" | "root";
  /** Relative; empty when the thing itself is meant. */
  readonly rest: string;
}

const OF_PROCESS =
  /^\/+proc\/+(self|thread-self|\d+)(?:\/+task\/+\d+)?\/+(fd\/+(\d+)|cwd|root)(?:\/+(.*))?$/s;
const OF_DEVICE = /^\/+dev\/+(?:fd\/+(\d+)|stdin|stdout|stderr)(?:\/+(.*))?$/s;
const STREAMS = ["stdin", "stdout", "stderr"];

/**
 * Reads a path whose first part the kernel follows to a thing, not to a name (proc(5)); undefined for all others. Process
 * numbers are taken as ours: a program that counts its own (pid_namespaces(7)) mostly asks for `self`.
 */
export function magicPath(path: string, tid: number): MagicPath | undefined {
  const [, whose, what, descriptor, rest = ""] = OF_PROCESS.exec(path) ?? [];
  if (whose !== undefined && what !== undefined) {
    const process = `/proc/${/^\d/.test(whose) ? whose : tid}`;
    if (descriptor !== undefined) return { link: `${process}/fd/${descriptor}`, thing: "descriptor", rest };
    return { link: `${process}/${what}`, thing: what === "cwd" ? "folder" : "root", rest };
  }
  const device = OF_DEVICE.exec(path);
  if (device === null) return undefined;
  const stream = STREAMS.findIndex((name) => path.includes(name));
  const number = device[1] ?? String(stream);
  return { link: `/proc/${tid}/fd/${number}`, thing: "descriptor", rest: device[2] ?? "" };
}
