import t from "tap";
import { globsOfPattern } from "../../../../src/client/config/mirrord/globs-of-pattern.ts";

const signs = { any: "**", inName: "*" };

void t.test("a pattern that is searched for becomes the globs that fit the same", (t) => {
  const globs = (pattern: string) => globsOfPattern(pattern, signs)?.globs;
  t.same(globs("^/etc/app$"), ["/etc/app"]);
  t.same(globs(".+\\.json$"), ["**.json"]);
  t.same(globs("\\.config/gcloud"), ["**.config/gcloud**"]);
  t.same(globs("^/(a|b)/[^/]+\\.ya?ml$"), ["/a/*.yml", "/a/*.yaml", "/b/*.yml", "/b/*.yaml"]);
  t.same(globs("^/run/(?:redis|nats)"), ["/run/redis**", "/run/nats**"]);
  t.same(globs("^/a|b$"), ["/a**", "**b"]);
  t.end();
});

void t.test("what no glob can say is not written as one, and what one says too widely is told", (t) => {
  for (const pattern of ["a{2}", "a*", "(ab)+", "^(?!a)", "a\\*", "x\\b", "a^b", "(a", "[^a]", "\\1"])
    t.equal(globsOfPattern(pattern, signs), undefined, pattern);
  t.same(globsOfPattern("^DATA_\\d+$", signs), { globs: ["DATA_*"], isWider: true });
  t.same(globsOfPattern("^a.c$", signs), { globs: ["a**c"], isWider: true });
  t.same(globsOfPattern("^a.*c$", signs), { globs: ["a**c"], isWider: false });
  t.equal(globsOfPattern("(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)", signs), undefined, "too many to read");
  t.end();
});
