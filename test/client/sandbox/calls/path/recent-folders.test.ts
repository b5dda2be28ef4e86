import t from "tap";
import { RecentFolders } from "../../../../../src/client/sandbox/calls/path/recent-folders.ts";

void t.test("a folder is new once a second, and no more are remembered than there is room for", async (t) => {
  let now = 0;
  const folders = new RecentFolders({ now: () => now });
  t.equal(folders.isNew("/a/b"), true);
  t.equal(folders.isNew("/a/c"), false);
  t.equal(folders.isNew("/b"), true);
  now = 1000;
  t.equal(folders.isNew("/a/d"), true);
  for (let index = 0; index < 2000; index++) folders.isNew(`/${index}/x`);
  t.equal(folders.isNew("/a/d"), true);
});
