import t from "tap";
import { InodeNumbers } from "../../../../src/client/files/fuse/inode-numbers.ts";

void t.test(
  "files of two file systems do not look like one, and those of the first keep their numbers",
  async (t) => {
    const inodes = new InodeNumbers();
    const [root, other, third] = [1, 2, 3].map((minor) => ({ major: 0, minor }));
    if (root === undefined || other === undefined || third === undefined) throw new Error("there are three");
    t.equal(inodes.shown(root, 42n), 42n);
    const numbers = [root, other, third].map((device) => inodes.shown(device, 42n));
    t.equal(new Set(numbers).size, 3);
    t.same(
      [root, other, third].map((device) => inodes.shown(device, 42n)),
      numbers,
      "always the same",
    );
    t.ok(inodes.shown(third, 2n ** 64n - 1n) < 2n ** 64n);
  },
);
