import t from "tap";
import { magicPath } from "../../../../../src/client/sandbox/calls/path/magic-path.ts";

void t.test(
  "a path through what a process has is told as the thing, and the way on from there",
  async (t) => {
    const cases: [path: string, link: string, thing: string, rest: string][] = [
      ["/proc/self/fd/3", "/proc/7/fd/3", "descriptor", ""],
      ["/proc/self/fd/3/", "/proc/7/fd/3", "descriptor", ""],
      ["//proc//self//fd/3/a/../b", "/proc/7/fd/3", "descriptor", "a/../b"],
      ["/proc/thread-self/cwd/x", "/proc/7/cwd", "folder", "x"],
      ["/proc/12/task/13/fd/0", "/proc/12/fd/0", "descriptor", ""],
      ["/proc/self/root/etc/app", "/proc/7/root", "root", "etc/app"],
      ["/dev/fd/9", "/proc/7/fd/9", "descriptor", ""],
      ["/dev/stdin", "/proc/7/fd/0", "descriptor", ""],
      ["/dev/stderr", "/proc/7/fd/2", "descriptor", ""],
    ];
    for (const [path, link, thing, rest] of cases) t.same(magicPath(path, 7), { link, thing, rest }, path);
    for (const path of [
      "/proc/self",
      "/proc/self/fd",
      "/proc/self/fd/x",
      "/proc/cwd",
      "/dev/fdx",
      "/proc/self/cwdx",
    ])
      t.equal(magicPath(path, 7), undefined, path);
  },
);
