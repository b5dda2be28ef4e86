import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ownPlaces, waysTo } from "../../../src/client/files/own-places.ts";

void t.test(
  "names the folders that a program is started from and installed in, by all their names",
  async (t) => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "magpie-places-")));
    t.teardown(() => rmSync(root, { recursive: true }));
    for (const folder of ["repo/.git", "repo/services/cart", "jdk/bin", "tools/node_modules/node/bin"])
      mkdirSync(join(root, folder), { recursive: true });
    symlinkSync(join(root, "repo"), join(root, "link"));
    writeFileSync(join(root, "jdk/bin/java"), "");
    mkdirSync(join(root, "bin"));
    symlinkSync(join(root, "jdk/bin/java"), join(root, "bin/java"));
    const places = ownPlaces({
      workingDirectory: join(root, "repo/services/cart"),
      home: "/",
      environment: {
        PWD: join(root, "link/services/cart"),
        PATH: `relative::/bin:${join(root, "tools/node_modules/.bin")}`,
        PYTHONPATH: join(root, "lib"),
        OTHER: "/other",
      },
      program: join(root, "bin/java"),
    });
    t.same(
      places.map(({ path }) => path).filter((path) => path.startsWith(root)),
      [
        ...[join(root, "repo/services/cart"), join(root, "link/services/cart"), join(root, "repo")],
        ...[root, join(root, "jdk"), join(root, "tools"), join(root, "lib")],
      ],
    );
    t.ok(
      places.some(({ path }) => path === "/bin"),
      "a folder of programs at the root stands alone",
    );
    t.notOk(places.some(({ path }) => path === "/" || path === "/other"));
  },
);

void t.test("the ways to folders are named once, without the root", async (t) => {
  const places = ["/a/b/c", "/a/b/d", "/x"].map((path) => ({ path, because: "" }));
  t.same(waysTo(places), ["/a/b", "/a"]);
});
