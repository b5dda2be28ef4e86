import t from "tap";
import { NodeTable } from "../../../../src/client/files/fuse/node-table.ts";
import type { FileAttributes } from "../../../../src/protocol/index.ts";

const time = { seconds: 1, nanoseconds: 0 };

function file(inode: number, about: Partial<FileAttributes> = {}): FileAttributes {
  return {
    mode: 0o100644,
    links: 1,
    user: 0,
    group: 0,
    inode: BigInt(inode),
    device: { major: 1, minor: 1 },
    special: { major: 0, minor: 0 },
    size: 0,
    blocks: 0,
    blockBytes: 4096,
    accessed: time,
    modified: time,
    changed: time,
    ...about,
  };
}

const folder = (inode: number): FileAttributes => file(inode, { mode: 0o040755 });

void t.test("a path leads through the folders as they are called now", async (t) => {
  const nodes = new NodeTable();
  const a = nodes.found(nodes.root, "a", folder(2));
  const b = nodes.found(a, "b", folder(3));
  const c = nodes.found(b, "c", file(4));
  t.equal(nodes.pathOf(c), "a/b/c");
  nodes.renamed({ parent: nodes.root, name: "a" }, { parent: nodes.root, name: "x" });
  t.equal(nodes.pathOf(c), "x/b/c");
  t.equal(nodes.pathIn(b, "d"), "x/b/d");
  t.equal(nodes.pathIn(nodes.root, "d"), "d");
  nodes.removed(nodes.root, "x");
  t.equal(nodes.pathOf(c), undefined, "one whose folder is gone has none");
});

void t.test(
  "the same file under another name is the same node, and has a path as long as it has a name",
  async (t) => {
    const nodes = new NodeTable();
    const one = nodes.found(nodes.root, "one", file(2));
    t.equal(nodes.found(nodes.root, "two", file(2)), one);
    t.equal(nodes.pathOf(one), "two", "the name that was seen last");
    nodes.removed(nodes.root, "two");
    t.equal(nodes.pathOf(one), "one");
    nodes.removed(nodes.root, "one");
    t.equal(nodes.pathOf(one), undefined);
    t.not(
      nodes.found(nodes.root, "three", file(2)),
      one,
      "one that had no name any more is not taken up again",
    );
  },
);

void t.test(
  "another file under the same name is another node: by its inode, its device or its kind",
  async (t) => {
    const nodes = new NodeTable();
    const first = nodes.found(nodes.root, "name", file(2));
    const others = [file(3), file(3, { device: { major: 1, minor: 2 } }), file(3, { mode: 0o120777 })];
    const seen = new Set([first]);
    for (const other of others) {
      const node = nodes.found(nodes.root, "name", other);
      t.notOk(seen.has(node));
      t.notOk(nodes.is(first, other));
      seen.add(node);
    }
    t.equal(nodes.pathOf(first), undefined);
  },
);

void t.test("a folder that is seen in two places is two nodes, since the kernel would move it", async (t) => {
  const nodes = new NodeTable();
  const one = nodes.found(nodes.root, "one", folder(2));
  const two = nodes.found(nodes.root, "two", folder(2));
  t.not(one, two);
  t.same([nodes.pathOf(one), nodes.pathOf(two)], ["one", "two"]);
});

void t.test("rename(2) of one name of a file to another leaves both; of others it replaces", async (t) => {
  const nodes = new NodeTable();
  const one = nodes.found(nodes.root, "one", file(2));
  nodes.found(nodes.root, "two", file(2));
  nodes.renamed({ parent: nodes.root, name: "one" }, { parent: nodes.root, name: "two" });
  t.equal(one.names.length, 2);
  const other = nodes.found(nodes.root, "other", file(3));
  nodes.exchanged({ parent: nodes.root, name: "other" }, { parent: nodes.root, name: "one" });
  t.equal(nodes.pathOf(other), "one");
  nodes.renamed({ parent: nodes.root, name: "one" }, { parent: nodes.root, name: "two" });
  t.equal(nodes.pathOf(other), "two");
  t.equal(nodes.pathOf(one), "other");
});

void t.test("a node is kept until the kernel has forgotten each of its lookups", async (t) => {
  const nodes = new NodeTable();
  const node = nodes.found(nodes.root, "name", file(2));
  nodes.found(nodes.root, "name", file(2));
  nodes.forget(node.id, 1);
  t.equal(nodes.get(node.id), node);
  nodes.forget(node.id, 1);
  t.equal(nodes.get(node.id), undefined);
  t.equal(nodes.size, 1);
  t.equal(nodes.root.children.size, 0);
  nodes.forget(1, 1_000);
  nodes.forget(99, 1);
  t.equal(nodes.get(1), nodes.root, "the root stays, and who is unknown is no matter");
});

void t.test("contents that are seen to have changed have another version", async (t) => {
  const nodes = new NodeTable();
  const node = nodes.found(nodes.root, "name", file(2));
  node.see(file(2, { accessed: { seconds: 9, nanoseconds: 9 }, links: 2 }));
  t.equal(node.version, 0);
  node.see(file(2, { size: 1 }));
  node.see(file(2, { size: 1, modified: { seconds: 1, nanoseconds: 1 } }));
  node.see(
    file(2, { size: 1, modified: { seconds: 1, nanoseconds: 1 }, changed: { seconds: 2, nanoseconds: 0 } }),
  );
  t.equal(node.version, 3);
});
