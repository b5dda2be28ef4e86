import { join } from "node:path";
import t from "tap";
import { findConfig } from "../../../../src/client/config/find-config.ts";
import { isMirrords } from "../../../../src/client/config/mirrord/is-mirrords.ts";

void t.test("a config is mirrord's by its name, or by a field that ours has not", (t) => {
  const is = (path: string, text = "") => isMirrords({ path }, text);
  for (const path of ["/a/mirrord.json", "/a/.mirrord/dev.yaml", "/a/web.mirrord.toml", "/a/web-mirrord.yml"])
    t.ok(is(path), path);
  t.ok(is("/a/web.json", '{ "target": "{{ get_env(name="A") }}",\n "feature": {} }'));
  t.ok(is("/a/web.yaml", "target: pod/a\nfeature:\n  env: true\n"));
  t.ok(is("/a/web.toml", 'target = "pod/a"\n[feature.network]\nincoming = "steal"\n'));
  t.notOk(is("/a/magpie.json", '{ "feature": {} }'), "that is a mistake in ours");
  t.notOk(is("/a/web.json", '{ "target": "pod/a" }'), "which both read alike");
  t.notOk(is("/a/web.yaml", "environment:\n  override:\n    feature: x\n"));
  t.end();
});

void t.test("mirrord's is found only where there is none of ours, however far up that is", (t) => {
  const folder = t.testdir({
    ".git": {},
    web: { ".mirrord": { "mirrord.toml": "" }, deep: {} },
    both: { ".mirrord": { "mirrord.json": "", "mirrord.yaml": "" } },
  });
  t.match(findConfig(join(folder, "web/deep")), {
    path: join(folder, "web/.mirrord/mirrord.toml"),
    folder: join(folder, "web"),
    isMirrords: true,
  });
  t.throws(() => findConfig(join(folder, "both")), /two configs/);
  const ours = t.testdir({ ".git": {}, "magpie.json": "", web: { ".mirrord": { "mirrord.toml": "" } } });
  t.match(findConfig(join(ours, "web")), { path: join(ours, "magpie.json") });
  t.end();
});
