import t from "tap";
import { splitPath } from "../../../../../src/client/sandbox/calls/path/place-roots.ts";

void t.test("a path is a folder and a name, which never begins at a root", async (t) => {
  const cases: [path: string, parent: string, name: string][] = [
    ["/a", "/", "a"],
    ["/a/b", "/a", "b"],
    ["/a/b//", "/a", "b//"],
    ["/a/.", "/a", "."],
    ["/a/..", "/a", ".."],
    ["//a", "/", "a"],
    ["/", "/", "."],
    ["///", "/", "."],
  ];
  for (const [path, parent, name] of cases) t.same(splitPath(path), { parent, name }, path);
});
