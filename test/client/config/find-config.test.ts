import { join } from "node:path";
import t from "tap";
import { findConfig, namedConfig } from "../../../src/client/config/find-config.ts";

void t.test("is found in its folder, and upwards to the root of the repository", async (t) => {
  const folder = t.testdir({
    "magpie.json": "{}",
    repository: {
      ".git": {},
      "magpie.yaml": "",
      a: { b: { c: { d: {} } } },
      own: { ".magpie": { "magpie.toml": "" } },
    },
    empty: { ".git": "gitdir: elsewhere\n", sub: {} },
    both: { ".git": {}, ".magpie": { "magpie.jsonc": "" }, "magpie.yml": "" },
  });
  const found = (way: string) => findConfig(join(folder, way))?.shown;
  t.equal(found("repository"), "magpie.yaml");
  t.equal(found("repository/a/b"), "../../magpie.yaml");
  t.equal(
    found("repository/a/b/c/d"),
    join(folder, "repository/magpie.yaml"),
    "a long way up is a whole path",
  );
  t.equal(found("repository/own"), ".magpie/magpie.toml");
  t.equal(found("empty/sub"), undefined, "what is above the repository is another's");
  t.equal(found("both"), ".magpie/magpie.jsonc", ".magpie goes first");
  t.equal(findConfig(join(folder, "both"))?.folder, join(folder, "both"), "its paths begin beside .magpie");
});

void t.test("two in one folder are a mistake that names both", async (t) => {
  const folder = t.testdir({ ".git": {}, "magpie.json": "{}", "magpie.toml": "", sub: {} });
  t.throws(() => findConfig(join(folder, "sub")), {
    code: "usage",
    message: /\.\.\/magpie\.json and \.\.\/magpie\.toml/,
    hint: /--config/,
  });
});

void t.test("one that is named begins where it lies", async (t) => {
  t.same(namedConfig("a/b.json", "/x"), { path: "/x/a/b.json", shown: "a/b.json", folder: "/x/a" });
  t.same(namedConfig("/y/.magpie/m.toml", "/x"), {
    path: "/y/.magpie/m.toml",
    shown: "../y/.magpie/m.toml",
    folder: "/y",
  });
});
